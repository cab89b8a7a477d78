import { TimeoutError } from "tsyncio";
import type { RetryBudget, RetryPolicy } from "tsyncio/resilience";
import { checkCount, checkKeys } from "../../shared/check.ts";
import { describeValue } from "../../shared/describe-value.ts";
import { ConnectionError, TotalTimeoutError } from "../errors.ts";

/** Whether and how a failed request is tried again. */
export interface RetryOptions extends Pick<RetryPolicy, "base" | "factor" | "maxDelay" | "jitter" | "random"> {
  /** How many times the request is sent at most, the first time included. Default: 3. */
  readonly attempts?: number;
  /** The methods that may be repeated. Default: those that are idempotent: GET, HEAD, PUT, DELETE, OPTIONS, TRACE. */
  readonly methods?: readonly string[];
  /** The statuses on which to try again. Default: 408, 425, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[];
  /** A common purse of retries. Default: one for the session, so that a server that is down is not kept down. */
  readonly budget?: RetryBudget;
}

/** Rules that are ready for use; with one attempt, there are no retries. */
export interface RetryRules {
  readonly attempts: number;
  readonly methods: ReadonlySet<string>;
  readonly statuses: ReadonlySet<number>;
  /** Pauses and budget. */
  readonly policy: Omit<RetryOptions, "attempts" | "methods" | "statuses">;
}

const retryKeys = ["attempts", "methods", "statuses", "budget", "base", "factor", "maxDelay", "jitter", "random"];

/** Every failure once, as it comes. */
export const noRetries: RetryRules = {
  attempts: 1,
  methods: new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]),
  statuses: new Set([408, 425, 429, 500, 502, 503, 504]),
  policy: {},
};

/** The rules that options describe, where `base` says what is not said. */
export function readRetry(
  input: RetryOptions | number | false | undefined,
  base: RetryRules,
  what: string,
): RetryRules {
  if (input === undefined) return base;
  if (input === false) return { ...base, attempts: 1 };
  if (typeof input === "number") return { ...base, attempts: checkCount(input, 0, `${what}: retry`) + 1 };
  checkKeys(input, retryKeys, `${what}: retry`);
  const { attempts = base.attempts === 1 ? 3 : base.attempts, methods, statuses, ...policy } = input;
  return {
    attempts: checkCount(attempts, 1, `${what}: retry.attempts`),
    methods: methods === undefined ? base.methods : new Set(methods.map((name) => checkName(name, what))),
    statuses: statuses === undefined ? base.statuses : new Set(statuses),
    policy: { ...base.policy, ...policy },
  };
}

function checkName(name: unknown, what: string): string {
  if (typeof name === "string") return name.toUpperCase();
  throw new TypeError(`${what}: retry.methods: expected names of methods, got ${describeValue(name)}`);
}

/** Whether a failure may be gone next time. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof TotalTimeoutError) return false;
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

/** The pause that a `Retry-After` header asks for, in milliseconds: seconds, or a date. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
