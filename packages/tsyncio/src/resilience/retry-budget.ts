import { describeValue } from "../kernel/values.ts";

/** Options of {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** How many retries there are in the beginning, and at most. Default: 100. */
  readonly capacity?: number;
  /** How much of a retry each success gives back. Default: 0.1, so in the long run one retry for ten successes. */
  readonly perSuccess?: number;
}

/**
 * A common purse of retries for all callers of one service. When everything fails, every caller retries, and the
 * retries themselves keep the service down. With a budget, a retry takes one token; only successes give some back. When
 * it is empty, failures are thrown at once, and the service sees the first attempts only.
 *
 *     const budget = new RetryBudget({ capacity: 20 });
 *     await retry(() => load(url), { attempts: 5, budget });
 */
export class RetryBudget {
  private readonly capacity: number;
  private readonly perSuccess: number;
  private tokens: number;

  constructor(options: RetryBudgetOptions = {}) {
    this.capacity = expectAmount(options.capacity ?? 100, "capacity");
    this.perSuccess = expectAmount(options.perSuccess ?? 0.1, "perSuccess");
    this.tokens = this.capacity;
  }

  /** How many retries can be taken now. */
  get available(): number {
    // Tenths do not add up exactly in binary; a token that is whole but for that is whole.
    return Math.floor(this.tokens + 1e-9);
  }

  /** Takes a retry, if there is one. */
  tryTake(): boolean {
    if (this.available < 1) return false;
    this.tokens = Math.max(0, this.tokens - 1);
    return true;
  }

  /** A call has succeeded. */
  succeeded(): void {
    this.tokens = Math.min(this.capacity, this.tokens + this.perSuccess);
  }
}

function expectAmount(value: number, what: string): number {
  if (typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`RetryBudget: ${what}: expected a number from 0 on, got ${describeValue(value)}`);
}
