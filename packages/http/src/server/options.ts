import type { TlsOptions as NodeTlsOptions } from "node:tls";
import { type Duration, toMilliseconds } from "tsyncio";
import { checkCount, checkKeys } from "../shared/check.ts";
import { describeValue } from "../shared/describe-value.ts";
import type { RequestLogEntry } from "./request-log.ts";

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Default: 3000. 0 takes a free one; `server.port` tells which. */
  readonly port?: number;
  /** The address to listen on. Default: all of this machine's, IPv6 and IPv4. */
  readonly hostname?: string;
  /** A Unix socket to listen on instead of a port. One that a dead process left behind is replaced. */
  readonly path?: string;
  /** Whether several processes may listen on the same port, the system sharing the connections out. */
  readonly reusePort?: boolean;
  /** Key and certificate, as in `tls.createServer`: the server speaks HTTPS. */
  readonly tls?: NodeTlsOptions;
  /** How long requests that run may go on when the server shuts down, before they are cancelled. Default: `"10s"`. */
  readonly drain?: Duration;
  /** How long cancelled requests and background tasks may take to end, before sockets are cut. Default: `"5s"`. */
  readonly grace?: Duration;
  /** How long a handler may take until it returns its response; then the client is told 503. Default: no limit. */
  readonly handlerTimeout?: Duration;
  /**
   * The largest request body, in bytes, that a handler can read; beyond it, the answer is 413. A function decides by
   * method and path: `(method, path) => (path === "/upload" ? Infinity : 1_000_000)`. The path is that of the handler's
   * `request.url`. If the function throws, the answer is 500. Default: 1 MiB.
   */
  readonly maxBodySize?: number | ((method: string, path: string) => number);
  /** How long a client may take to send a request's head. Default: `"10s"`. */
  readonly headersTimeout?: Duration;
  /** How long a client may take to send a whole request. Default: `"5m"`. */
  readonly requestTimeout?: Duration;
  /** How long an idle connection is kept. Default: `"5s"`. */
  readonly keepAliveTimeout?: Duration;
  /** How long a client may leave an answer unread before its connection is cut. Default: `"1m"`. */
  readonly sendTimeout?: Duration;
  /** The largest number of header fields of a request; beyond it, the answer is 431. Default: 200. */
  readonly maxHeaders?: number;
  /**
   * Told of errors that handlers and background tasks throw, and the functions among these options; the request is null
   * if there is none to show. Default: prints them to the standard error.
   */
  readonly onError?: (error: unknown, request: Request | null) => void;
  /** Writes a JSON line for each request to the standard output (`true`), or hands entries to a function. Default: off. */
  readonly log?: boolean | ((entry: RequestLogEntry) => void);
}

/** The options, checked and complete. */
export interface ServerSettings {
  readonly drain: number;
  readonly grace: number;
  readonly handlerTimeout: number;
  /** Throws what the user's function throws, and for a result that is no size. */
  readonly maxBodySize: (method: string, path: string) => number;
  readonly sendTimeout: number;
  readonly maxHeaders: number;
  readonly onError: (error: unknown, request: Request | null) => void;
  readonly log: ((entry: RequestLogEntry) => void) | null;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
}

const keys: readonly (keyof ServeOptions)[] = [
  "port",
  "hostname",
  "path",
  "reusePort",
  "tls",
  "drain",
  "grace",
  "handlerTimeout",
  "maxBodySize",
  "headersTimeout",
  "requestTimeout",
  "keepAliveTimeout",
  "sendTimeout",
  "maxHeaders",
  "onError",
  "log",
];

const defaultBodySize = 1024 * 1024;

/** @throws TypeError, RangeError for options that make no sense. */
export function readServeOptions(options: ServeOptions): ServerSettings {
  checkKeys(options, keys, "serve");
  const { port, path, hostname } = options;
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(`serve: port: expected a whole number from 0 to 65535, got ${describeValue(port)}`);
  }
  if (path !== undefined && (port !== undefined || hostname !== undefined)) {
    throw new TypeError("serve: give either path or port and hostname, not both");
  }
  return {
    drain: duration(options.drain, "10s", "drain"),
    grace: duration(options.grace, "5s", "grace"),
    handlerTimeout: duration(options.handlerTimeout, Infinity, "handlerTimeout"),
    maxBodySize: readBodySize(options.maxBodySize),
    sendTimeout: duration(options.sendTimeout, "1m", "sendTimeout"),
    maxHeaders: checkCount(options.maxHeaders ?? 200, 1, "serve: maxHeaders"),
    onError: expectFunction(options.onError, "onError") ?? printError,
    log: readLog(options.log),
    headersTimeout: duration(options.headersTimeout, "10s", "headersTimeout"),
    requestTimeout: duration(options.requestTimeout, "5m", "requestTimeout"),
    keepAliveTimeout: duration(options.keepAliveTimeout, "5s", "keepAliveTimeout"),
  };
}

function duration(value: Duration | undefined, fallback: Duration, name: string): number {
  const limit = toMilliseconds(value ?? fallback, `serve: ${name}`);
  if (limit >= 0) return limit;
  throw new RangeError(`serve: ${name}: expected a duration of zero or more, got ${value}`);
}

function readBodySize(value: ServeOptions["maxBodySize"]): ServerSettings["maxBodySize"] {
  if (typeof value === "function") {
    return (method, path) => checkCount(value(method, path), 0, "serve: maxBodySize()");
  }
  const size = checkCount(value ?? defaultBodySize, 0, "serve: maxBodySize");
  return () => size;
}

function readLog(value: ServeOptions["log"]): ServerSettings["log"] {
  if (typeof value !== "boolean") return expectFunction(value, "log") ?? null;
  return value ? (entry) => void process.stdout.write(`${JSON.stringify(entry)}\n`) : null;
}

function expectFunction<F>(value: F | undefined, name: string): F | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw new TypeError(`serve: ${name}: expected a function, got ${describeValue(value)}`);
}

function printError(error: unknown, request: Request | null): void {
  const what = request === null ? "the server, outside of a request," : `${request.method} ${request.url}`;
  console.error(`tsyncio: ${what} failed:`, error);
}
