import { type Duration, toMilliseconds } from "tsyncio";
import { checkKeys } from "../../shared/check.ts";

/** Time limits. `Infinity` means none. */
export interface TimeoutOptions {
  /** The whole call: retries, redirects and the reading of the body. Default: `"5m"`. */
  readonly total?: Duration;
  /** Waiting for a connection under the session's limits. Default: none. */
  readonly acquire?: Duration;
  /** Name look-up, TCP and TLS. Default: `"30s"`. */
  readonly connect?: Duration;
  /** From the last byte of the request to the head of the response. Default: none. */
  readonly headers?: Duration;
  /** Between two pieces of the body, while somebody waits for one. Default: none. */
  readonly read?: Duration;
}

const timeoutKeys = ["total", "acquire", "connect", "headers", "read"] as const;

/** All time limits, in milliseconds. */
export type Timeouts = Readonly<Record<(typeof timeoutKeys)[number], number>>;

/** Used where neither the session nor the request says otherwise. */
export const defaultTimeouts: Timeouts = {
  total: 300_000,
  acquire: Number.POSITIVE_INFINITY,
  connect: 30_000,
  headers: Number.POSITIVE_INFINITY,
  read: Number.POSITIVE_INFINITY,
};

/** The time limits in force, where `base` says what is not said. */
export function readTimeouts(input: Duration | TimeoutOptions | undefined, base: Timeouts, what: string): Timeouts {
  if (input === undefined) return base;
  if (typeof input !== "object") return { ...base, total: readLimit(input, `${what}: timeout`) };
  checkKeys(input, timeoutKeys, `${what}: timeout`);
  const limits: Record<string, number> = { ...base };
  for (const key of timeoutKeys) {
    const value = input[key];
    if (value !== undefined) limits[key] = readLimit(value, `${what}: timeout.${key}`);
  }
  return limits as Timeouts;
}

function readLimit(value: Duration, what: string): number {
  const limit = toMilliseconds(value, what);
  if (limit >= 0) return limit;
  throw new RangeError(`${what}: expected a duration of zero or more, got ${value}`);
}
