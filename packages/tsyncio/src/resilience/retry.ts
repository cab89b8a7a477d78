import { isCancelled } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import type { Duration } from "../kernel/duration.ts";
import { expectFunction, expectLimit } from "../kernel/values.ts";
import { sleep } from "../tasks/sleep.ts";
import { timeout } from "../tasks/timeout.ts";
import { backoff, type BackoffOptions, expectDelay } from "./backoff.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** What `onRetry` of {@link retry} is told before the wait. */
export interface RetryEvent {
  /** Why the attempt failed. */
  readonly error: unknown;
  /** Which attempt it was, from 1 on. */
  readonly attempt: number;
  /** How long until the next one, in milliseconds. */
  readonly delay: number;
}

/** When and how often {@link retry} tries again. */
export interface RetryPolicy extends BackoffOptions {
  /** How many calls are made at most, the first included. From 1 on; `Infinity` allowed. Default: 3. */
  readonly attempts?: number;
  /** How long an attempt may take before it is cancelled and counts as failed with a `TimeoutError`. Default: for ever. */
  readonly timeout?: Duration;
  /** A common purse of retries, shared by the callers of one service. Default: none. */
  readonly budget?: RetryBudget;
  /** Whether an error is worth another attempt. Default: every one. */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
  /** How long the service itself asked to be left alone, as in a `Retry-After`; the wait is at least that. */
  readonly retryAfter?: (error: unknown) => Duration | undefined;
  /** The longest wait that `retryAfter` can cause. Default: `"1m"`. */
  readonly maxRetryAfter?: Duration;
  /** Called before each wait. */
  readonly onRetry?: (event: RetryEvent) => void;
}

const attemptCounts = new WeakMap<object, number>();

/**
 * How many attempts {@link retry} made before it threw this error; `undefined` if it did not throw it.
 *
 *     const broken = async () => {
 *       throw new Error("out of order");
 *     };
 *     try {
 *       await retry(broken, { attempts: 4 });
 *     } catch (error) {
 *       console.log(attemptsOf(error)); // 4
 *     }
 */
export function attemptsOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null ? attemptCounts.get(error) : undefined;
}

/**
 * Calls a function until it succeeds, with growing, random pauses (exponential, full jitter) between the attempts, and
 * resolves to its value. When the attempts are used up, the error is not worth another one, or the budget is empty, the
 * last error is thrown as it is; {@link attemptsOf} tells after how many attempts. A cancellation ends the call or the
 * pause at once and is never retried.
 *
 *     const page = await retry(() => load(url), {
 *       attempts: 5,
 *       timeout: "10s",
 *       retryIf: (error) => error instanceof HttpError && error.status >= 429,
 *       onRetry: ({ error, delay }) => console.error(`again in ${delay} ms:`, error),
 *     });
 *
 * @throws TypeError, RangeError for a policy that makes no sense; nothing is called then.
 */
export async function retry<T>(
  fn: (attempt: number) => T | PromiseLike<T>,
  policy: RetryPolicy = {},
): Promise<Awaited<T>> {
  expectFunction(fn, "retry");
  return await retrying(policy)(fn);
}

/** Checks a policy once, for many calls. */
export function retrying(policy: RetryPolicy): <T>(fn: (attempt: number) => T | PromiseLike<T>) => Promise<Awaited<T>> {
  const attempts = expectLimit(policy.attempts ?? 3, "retry: attempts");
  const limit = policy.timeout;
  if (limit !== undefined) expectDelay(limit, "retry: timeout");
  const pause = pauseOf(policy);
  return async <T>(fn: (attempt: number) => T | PromiseLike<T>): Promise<Awaited<T>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const value = await (limit === undefined ? fn(attempt) : timeout(limit, () => fn(attempt)));
        policy.budget?.succeeded();
        return value;
      } catch (error) {
        const again = attempt < attempts && isWorthIt(error, attempt, policy) && (policy.budget?.tryTake() ?? true);
        if (!again) {
          if (typeof error === "object" && error !== null && !isCancelled(error)) attemptCounts.set(error, attempt);
          throw error;
        }
        const delay = pause(error, attempt - 1);
        policy.onRetry?.({ error, attempt, delay });
        await sleep(delay);
      }
    }
  };
}

function isWorthIt(error: unknown, attempt: number, policy: RetryPolicy): boolean {
  if (isCancelled(error) || currentScope().cancelled) return false;
  return policy.retryIf === undefined || policy.retryIf(error, attempt);
}

function pauseOf(policy: RetryPolicy): (error: unknown, retry: number) => number {
  const delayOf = backoff(policy, "retry");
  const longest = expectDelay(policy.maxRetryAfter ?? "1m", "retry: maxRetryAfter");
  return (error, retry) => {
    const delay = delayOf(retry);
    const asked = policy.retryAfter?.(error);
    if (asked === undefined) return delay;
    return Math.max(delay, Math.min(longest, expectDelay(asked, "retry: retryAfter")));
  };
}
