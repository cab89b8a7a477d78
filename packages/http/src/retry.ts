import { type Duration, toMilliseconds } from "tsyncio";
import { checkCount, checkKeys } from "./check.ts";
import { ConnectionError, HttpTimeoutError, TotalTimeoutError } from "./errors.ts";

/** Whether and how a failed request is tried again. */
export interface RetryOptions {
  /** How many times at most, after the first attempt. Default: 2. */
  readonly limit?: number;
  /** The methods that may be repeated. Default: those that are idempotent: GET, HEAD, PUT, DELETE, OPTIONS, TRACE. */
  readonly methods?: readonly string[];
  /** The statuses on which to try again. Default: 408, 425, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[];
  /** The upper end of the first pause; doubles with each attempt. Default: `"300ms"`. */
  readonly delay?: Duration;
  /** The longest pause. A server that asks for more by `Retry-After` is not asked again. Default: `"30s"`. */
  readonly maxDelay?: Duration;
  /**
   * The session's budget: for each request that succeeds, this many retries are earned (at most 10 are kept, and as
   * many are there in the beginning). Keeps retries from multiplying the load of a server that is down. Default: 0.2.
   */
  readonly budget?: number;
}

/** A policy that is ready for use; `limit` 0 means no retries. */
export interface RetryPolicy {
  readonly limit: number;
  readonly methods: ReadonlySet<string>;
  readonly statuses: ReadonlySet<number>;
  readonly delay: number;
  readonly maxDelay: number;
  readonly budget: number;
}

const retryKeys = ["limit", "methods", "statuses", "delay", "maxDelay", "budget"] as const;

const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);

const temporary: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

export const noRetries: RetryPolicy = {
  limit: 0,
  methods: idempotent,
  statuses: temporary,
  delay: 300,
  maxDelay: 30_000,
  budget: 0.2,
};

/** The policy that options describe, where `base` says what is not said. */
export function readRetry(
  input: RetryOptions | number | false | undefined,
  base: RetryPolicy,
  what: string,
): RetryPolicy {
  if (input === undefined) return base;
  if (input === false) return { ...base, limit: 0 };
  const options = typeof input === "number" ? { limit: input } : input;
  checkKeys(options, retryKeys, `${what}: retry`);
  const { budget } = options;
  if (budget !== undefined && !(budget >= 0)) {
    throw new RangeError(`${what}: retry.budget: expected a number of zero or more, got ${budget}`);
  }
  return {
    limit: checkCount(options.limit ?? (base.limit === 0 ? 2 : base.limit), 0, `${what}: retry.limit`),
    methods: options.methods === undefined ? base.methods : new Set(options.methods.map((name) => name.toUpperCase())),
    statuses: options.statuses === undefined ? base.statuses : new Set(options.statuses),
    delay: toMilliseconds(options.delay ?? base.delay, `${what}: retry.delay`),
    maxDelay: toMilliseconds(options.maxDelay ?? base.maxDelay, `${what}: retry.maxDelay`),
    budget: budget ?? base.budget,
  };
}

/** How many retries a session may still make. Successes earn some, retries spend them. */
export class RetryBudget {
  private readonly capacity = 10;
  private tokens = 10;

  earn(amount: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + amount);
  }

  spend(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/** Whether a failure may be gone next time. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof TotalTimeoutError) return false;
  return error instanceof ConnectionError || error instanceof HttpTimeoutError;
}

/** The pause before an attempt: exponential, with full jitter, so that clients that failed together come back apart. */
export function pauseBefore(retry: number, policy: RetryPolicy): number {
  return Math.random() * Math.min(policy.maxDelay, policy.delay * 2 ** (retry - 1));
}

/** The pause that a `Retry-After` header asks for, in milliseconds: seconds, or a date. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
