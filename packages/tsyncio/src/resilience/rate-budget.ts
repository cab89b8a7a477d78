import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { describeValue } from "../kernel/values.ts";

/** One budget of a {@link RateLimiter}: so much in any stretch of so long. */
export interface RateBudgetOptions {
  /** How much may be spent in any window of `per`. Above 0. */
  readonly limit: number;
  /** The length of the window. */
  readonly per: Duration;
  /**
   * How much may be spent at once after a pause; beyond that, spending is paced evenly, at `limit / per`. From 1 to
   * `limit`. Default: `limit`, so whoever starts with an unused budget may spend all of it at once, and waits then.
   */
  readonly burst?: number;
}

/** What was spent at about one moment. */
interface Spending {
  /** When it began. */
  readonly opened: number;
  /** The last moment that counts to it: it is forgotten one window after that. */
  time: number;
  amount: number;
}

/** How many moments of a window are told apart: the bound of a budget's memory. */
const grains = 1_000;

/**
 * # How a budget decides
 *
 * Two rules, and both must allow it.
 *
 * **The window.** What was spent in the last `per`, together with the new amount, is at most `limit`. So no window of
 * that length, wherever it begins, ever holds more, however the service counts (fixed windows, sliding ones, a bucket).
 * A bucket of `limit` tokens alone would let through nearly twice as much: all of it at once, and as much again while
 * it refills.
 *
 * **The pace.** A token bucket of `burst` tokens, in the form of the generic cell rate algorithm (ITU-T I.371): it
 * remembers only the moment at which the bucket would be full again. An amount is allowed as soon as it moves that
 * moment to no further than `burst` tokens' time from now.
 *
 * Both answer *when*, by sums of remembered moments that do not depend on the clock, so who wakes up at that moment
 * finds it allowed, whatever the rounding.
 */
export class RateBudget {
  private readonly per: number;
  private readonly burstShare: number;
  /** Oldest first. */
  private spendings: Spending[] = [];
  private used = 0;
  private fullAgain = Number.NEGATIVE_INFINITY;
  /** What the service says others have spent, and when it forgets that. */
  private foreign: { readonly amount: number; readonly until: number } = {
    amount: 0,
    until: Number.NEGATIVE_INFINITY,
  };
  limit: number;

  constructor(name: string, options: RateBudgetOptions) {
    this.limit = expectPositive(options.limit, `RateLimiter: ${name}.limit`);
    this.per = expectPositive(toMilliseconds(options.per, `RateLimiter: ${name}.per`), `RateLimiter: ${name}.per`);
    const burst = options.burst ?? this.limit;
    if (!(burst >= Math.min(1, this.limit) && burst <= this.limit)) {
      throw new RangeError(
        `RateLimiter: ${name}.burst: expected a number from 1 to the limit, ${this.limit}, got ${describeValue(burst)}`,
      );
    }
    this.burstShare = burst / this.limit;
  }

  /** The largest amount that can ever be taken at once. */
  get burst(): number {
    return this.limit * this.burstShare;
  }

  private get interval(): number {
    return this.per / this.limit;
  }

  /** When an amount can be taken: a moment that has come, or one to wait for. Asked again then, it has come. */
  readyAt(amount: number, now: number): number {
    this.forget(now);
    return Math.max(this.windowAllows(amount), this.paceAllows(amount, now));
  }

  private windowAllows(amount: number): number {
    let excess = this.used + this.foreign.amount + amount - this.limit;
    let moment = Number.NEGATIVE_INFINITY;
    const tolerance = this.limit * 1e-9;
    if (excess <= tolerance) return moment;
    const forgotten = this.spendings.map(({ time, amount }) => ({ at: time + this.per, amount }));
    forgotten.push({ at: this.foreign.until, amount: this.foreign.amount });
    for (const { at, amount } of forgotten.toSorted((a, b) => a.at - b.at)) {
      excess -= amount;
      moment = at;
      if (excess <= tolerance) break;
    }
    return moment;
  }

  private paceAllows(amount: number, now: number): number {
    if (this.fullAgain <= now) return Number.NEGATIVE_INFINITY;
    return this.fullAgain - (this.burst - amount) * this.interval;
  }

  private forget(now: number): void {
    let count = 0;
    for (const { time, amount } of this.spendings) {
      if (time + this.per > now) break;
      this.used -= amount;
      count += 1;
    }
    if (count > 0) this.spendings.splice(0, count);
    if (this.spendings.length === 0) this.used = 0;
    if (this.foreign.until <= now) this.foreign = { amount: 0, until: Number.NEGATIVE_INFINITY };
  }

  /** Takes an amount, and returns how to correct it when it is known what was really spent. */
  take(amount: number, now: number): (actual: number) => void {
    this.forget(now);
    const spending = this.spendingAt(now);
    let spent = 0;
    const correct = (actual: number): void => {
      const difference = actual - spent;
      spent = actual;
      this.fullAgain += difference * this.interval;
      spending.amount += difference;
      if (this.spendings.includes(spending)) this.used += difference;
    };
    this.fullAgain = Math.max(this.fullAgain, now);
    correct(amount);
    return correct;
  }

  private spendingAt(now: number): Spending {
    const last = this.spendings.at(-1);
    if (last !== undefined && now - last.opened < this.per / grains) {
      last.time = now;
      return last;
    }
    const spending: Spending = { opened: now, time: now, amount: 0 };
    this.spendings.push(spending);
    return spending;
  }

  /** What can still be spent in the current window. */
  available(now: number): number {
    this.forget(now);
    return Math.max(0, this.limit - this.used - this.foreign.amount);
  }

  /**
   * Learns what the service says. A lower limit is taken over; a higher one is not, since whoever configured less may
   * share it with others. What it says is left until `until` bounds what is spent until then.
   */
  learn(limit: number | undefined, remaining: number | undefined, until: number | undefined, now: number): void {
    if (limit !== undefined && limit > 0 && limit < this.limit) this.limit = limit;
    if (remaining === undefined) return;
    this.forget(now);
    const amount = Math.max(0, this.limit - this.used - Math.max(0, remaining));
    this.foreign = { amount, until: until ?? now + this.per };
  }
}

function expectPositive(value: number, what: string): number {
  if (typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`${what}: expected a number above 0, got ${describeValue(value)}`);
}
