import { TimeoutError, toMilliseconds } from "tsyncio";
import type { RetryBudget, RetryPolicy } from "tsyncio/resilience";
import { checkCount, checkKeys } from "../../shared/check.ts";
import { describeValue } from "../../shared/describe-value.ts";
import { ConnectionError, ProxyError, TotalTimeoutError } from "../errors.ts";

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
  /**
   * Whether a request that meets a kept connection which its peer has just closed is sent once more, on another one.
   * Only if nothing of an answer came, and the request is one that may be repeated. Default: true.
   */
  readonly staleConnection?: boolean;
}

/** Rules that are ready for use; with one attempt, there are no retries. */
export interface RetryRules {
  readonly attempts: number;
  readonly methods: ReadonlySet<string>;
  readonly statuses: ReadonlySet<number>;
  /** Whether a connection that its peer had closed in the meantime is replaced. */
  readonly staleConnection: boolean;
  /** Pauses and budget. */
  readonly policy: Omit<RetryOptions, "attempts" | "methods" | "statuses" | "staleConnection">;
}

const retryKeys: readonly string[] = [
  "attempts",
  "methods",
  "statuses",
  "budget",
  "staleConnection",
  "base",
  "factor",
  "maxDelay",
  "jitter",
  "random",
] satisfies readonly (keyof RetryOptions)[];

/** Every failure once, as it comes; only a stale connection is no failure. */
export const noRetries: RetryRules = {
  attempts: 1,
  methods: new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]),
  statuses: new Set([408, 425, 429, 500, 502, 503, 504]),
  staleConnection: true,
  policy: {},
};

/** The rules that options describe, where `base` says what is not said. */
export function readRetry(
  input: RetryOptions | number | false | undefined,
  base: RetryRules,
  what: string,
): RetryRules {
  if (input === undefined) return base;
  if (input === false) return { ...base, attempts: 1, staleConnection: false };
  if (typeof input === "number") return { ...base, attempts: checkCount(input, 0, `${what}: retry`) + 1 };
  checkKeys(input, retryKeys, `${what}: retry`);
  const { attempts = base.attempts === 1 ? 3 : base.attempts, methods, statuses, staleConnection, ...policy } = input;
  for (const key of ["base", "maxDelay"] as const) {
    if (policy[key] !== undefined) toMilliseconds(policy[key], `${what}: retry.${key}`);
  }
  return {
    attempts: checkCount(attempts, 1, `${what}: retry.attempts`),
    methods: methods === undefined ? base.methods : new Set(methods.map((name) => checkName(name, what))),
    statuses:
      statuses === undefined
        ? base.statuses
        : new Set(statuses.map((status) => checkCount(status, 100, `${what}: retry.statuses`))),
    staleConnection: staleConnection ?? base.staleConnection,
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
  // A proxy that says no says it again; one that says that it cannot may be able to later.
  if (error instanceof ProxyError && error.status !== undefined) return error.status >= 500;
  return error instanceof ConnectionError || error instanceof TimeoutError;
}
