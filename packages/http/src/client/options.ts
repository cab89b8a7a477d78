import { type Duration, toMilliseconds } from "tsyncio";
import type { Dispatcher } from "undici";
import { checkKeys } from "../shared/check.ts";
import type { TlsOptions } from "./pool/connection.ts";
import type { HeadersInput } from "../shared/headers.ts";
import type { FormFields, RequestBody } from "./request/request-body.ts";
import type { RetryOptions } from "./call/retry.ts";

/** Query parameters. `undefined` leaves a parameter out. */
export type QueryInput =
  | Readonly<Record<string, string | number | boolean | readonly (string | number)[] | undefined>>
  | URLSearchParams;

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

/** What can be said for a session and for a single request; the request's word counts. */
export interface CommonOptions {
  readonly headers?: HeadersInput;
  readonly query?: QueryInput;
  /** A single duration is the total. */
  readonly timeout?: Duration | TimeoutOptions;
  /** How many redirects to follow; false: none, the redirect itself is the response. Default: 10. */
  readonly redirects?: number | false;
  /** Whether and how to try again; a number says how often after the first time. Default: false. */
  readonly retry?: RetryOptions | number | false;
  /** Whether a status of 400 or more is thrown as an `HttpStatusError`. Default: false. */
  readonly raiseForStatus?: boolean;
  /** The largest body, in bytes after decompression. Default: none. */
  readonly maxResponseSize?: number;
  /** Whether to decompress. Default: true. */
  readonly decompress?: boolean;
  /** How many times its size a compressed body may expand to. Default: 250. */
  readonly maxExpansion?: number;
}

/** Options of a {@link ClientSession}. */
export interface SessionOptions extends CommonOptions {
  /** Relative URLs are resolved against it. */
  readonly baseUrl?: string | URL;
  /** How many connections there may be at once, idle ones included. Default: 100. */
  readonly limit?: number;
  /** How many of them to one origin. Default: no limit of its own. */
  readonly limitPerHost?: number;
  /** How long an idle connection is kept, unless its peer says otherwise. Default: `"4s"`. */
  readonly keepAlive?: Duration;
  readonly tls?: TlsOptions;
  /**
   * An undici `Dispatcher` that carries the requests instead of the session's own connections: a `MockAgent`, a
   * `ProxyAgent`. The session's limits hold; the dispatcher is not closed with the session. A request that is
   * cancelled before such a dispatcher has begun it ends at once for its caller, and keeps its place until then.
   */
  readonly dispatcher?: Dispatcher;
}

/** Options of a single request. */
export interface RequestOptions extends CommonOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form. */
  readonly form?: FormFields;
  /** Sent as it is. */
  readonly body?: RequestBody | null;
}

const commonKeys = [
  "headers",
  "query",
  "timeout",
  "redirects",
  "retry",
  "raiseForStatus",
  "maxResponseSize",
  "decompress",
  "maxExpansion",
] as const satisfies readonly (keyof CommonOptions)[];

export const sessionKeys: readonly string[] = [
  ...commonKeys,
  "baseUrl",
  "limit",
  "limitPerHost",
  "keepAlive",
  "tls",
  "dispatcher",
] satisfies readonly (keyof SessionOptions)[];

export const requestKeys: readonly string[] = [
  ...commonKeys,
  "json",
  "form",
  "body",
] satisfies readonly (keyof RequestOptions)[];

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
