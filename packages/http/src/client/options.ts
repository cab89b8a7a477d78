import type { LookupFunction } from "node:net";
import type { Duration } from "tsyncio";
import type { Dispatcher } from "undici";
import type { TimeoutOptions } from "./call/timeouts.ts";
import type { QueryInput } from "./request/query.ts";
import type { RedirectOptions } from "./call/redirect-rules.ts";
import type { ProxyOptions } from "./connect/proxy-rules.ts";
import type { TlsOptions } from "./connect/tls-options.ts";
import type { CookieJar } from "./cookies/cookie-jar.ts";
import type { RequestHandler } from "./handler/handler-exchange.ts";
import type { Middleware } from "./middleware/middleware.ts";
import type { Auth } from "./request/auth.ts";
import type { HeadersInput } from "../shared/headers.ts";
import type { FormFields, RequestBody } from "./request/request-body.ts";
import type { RetryOptions } from "./call/retry.ts";

/** What can be said for a session and for a single request; the request's word counts. */
export interface CommonOptions {
  readonly headers?: HeadersInput;
  readonly query?: QueryInput;
  /** A single duration is the total. */
  readonly timeout?: Duration | TimeoutOptions;
  /** User name and password, or a token, for the `authorization` header. A header of that name goes before it. */
  readonly auth?: Auth;
  /** How many redirects to follow; false: none, the redirect itself is the response. Default: 10. */
  readonly redirects?: number | false | RedirectOptions;
  /**
   * Whether and how to try again. A number says how often after the first time. False: nothing is ever sent twice.
   * Default: only a request that may be repeated and that meets a connection which its peer has just closed is sent
   * once more.
   */
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
  /** After how many requests a connection is closed instead of kept. Default: no limit. */
  readonly maxRequestsPerConnection?: number;
  /** How old a connection may be and still be kept for another request. Default: no limit. */
  readonly maxConnectionAge?: Duration;
  readonly tls?: TlsOptions;
  /** A Unix socket that is connected to, whatever the URL's host is: `baseUrl: "http://localhost/"` will do for it. */
  readonly socketPath?: string;
  /** The local address to connect from. */
  readonly localAddress?: string;
  /** Looks names up instead of Node's `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /**
   * A proxy: its URL, or more about it. `"environment"`: as the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
   * `NO_PROXY` say, the lower-case ones first. Default: none.
   */
  readonly proxy?: string | URL | ProxyOptions | false;
  /** Whether cookies are kept and sent back; a jar that has some already, or that sessions share. Default: true. */
  readonly cookies?: boolean | CookieJar;
  /** Functions around every request, the first one outermost. */
  readonly middleware?: Middleware | readonly Middleware[];
  /**
   * A fetch-style handler that answers all requests, without sockets: for tests. Its `baseUrl` is `http://localhost/`
   * unless you say otherwise.
   */
  readonly handler?: RequestHandler;
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
  "auth",
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
  "maxRequestsPerConnection",
  "maxConnectionAge",
  "tls",
  "socketPath",
  "localAddress",
  "lookup",
  "proxy",
  "cookies",
  "middleware",
  "handler",
  "dispatcher",
] satisfies readonly (keyof SessionOptions)[];

export const requestKeys: readonly string[] = [
  ...commonKeys,
  "json",
  "form",
  "body",
] satisfies readonly (keyof RequestOptions)[];
