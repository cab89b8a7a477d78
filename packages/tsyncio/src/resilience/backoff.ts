import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { describeValue } from "../kernel/values.ts";

/** How long {@link retry} waits between attempts. */
export interface BackoffOptions {
  /** The longest wait before the first retry. Default: `"100ms"`. */
  readonly base?: Duration;
  /** By how much the longest wait grows with each retry. From 1 on. Default: 2. */
  readonly factor?: number;
  /** What the longest wait never exceeds. Default: `"20s"`. */
  readonly maxDelay?: Duration;
  /** `"full"`: a random part of the longest wait; `"none"`: all of it. Default: `"full"`. */
  readonly jitter?: "full" | "none";
  /** Gives numbers from 0 up to, but not including, 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * The wait before each retry, in milliseconds, counted from retry 0: exponential, capped, with full jitter.
 *
 *     delay = random(0, min(maxDelay, base × factor^retry))
 *
 * Clients that fail together would come back together, again and again, if all waited equally long; waiting a random
 * part of the time spreads them evenly and costs the least work in all. Formula and measurements: Marc Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * @throws RangeError for options out of range.
 */
export function backoff(options: BackoffOptions, what: string): (retry: number) => number {
  const base = expectDelay(options.base ?? "100ms", `${what}: base`);
  const maxDelay = expectDelay(options.maxDelay ?? "20s", `${what}: maxDelay`);
  const factor = options.factor ?? 2;
  if (!(factor >= 1))
    throw new RangeError(`${what}: factor: expected a number from 1 on, got ${describeValue(factor)}`);
  const jitter = options.jitter ?? "full";
  if (jitter !== "full" && jitter !== "none") {
    throw new RangeError(`${what}: jitter: expected "full" or "none", got ${describeValue(jitter)}`);
  }
  const random = options.random ?? Math.random;
  return (retry) => {
    const longest = Math.min(maxDelay, base * factor ** retry);
    return jitter === "full" ? random() * longest : longest;
  };
}

/** @throws RangeError unless it is a duration from 0 on. */
export function expectDelay(duration: Duration, what: string): number {
  const delay = toMilliseconds(duration, what);
  if (delay >= 0) return delay;
  throw new RangeError(`${what}: expected a duration from 0 on, got ${describeValue(duration)}`);
}
