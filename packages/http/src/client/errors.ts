import { TimeoutError } from "tsyncio";

/**
 * What can go wrong with a request, and who is at fault.
 *
 *     TimeoutError (of tsyncio)
 *     └─ HttpTimeoutError          the peer, or the way to it, took longer than the caller allowed
 *        ├─ AcquireTimeoutError    no connection became free under the session's limits
 *        ├─ ConnectTimeoutError    name look-up, TCP and TLS
 *        ├─ HeadersTimeoutError    the request is sent, no answer comes
 *        ├─ ReadTimeoutError       the answer stalls
 *        └─ TotalTimeoutError      all of it together, retries and redirects included
 *     Error
 *     ├─ ConnectionError           no connection, or it broke
 *     │  └─ ProxyError             the proxy is to blame
 *     ├─ MalformedResponseError    the peer does not speak HTTP, or lies about its length or encoding
 *     ├─ ResponseTooLargeError     more than the caller allowed
 *     ├─ RedirectError             too many, or one that cannot be followed
 *     ├─ HttpStatusError           the peer answered, and says no
 *     └─ SessionClosedError        the caller closed the session
 *
 * No message holds a password: URLs lose their user name and password before they are printed.
 */

/** The stretches of a request, in order. */
export type RequestPhase = "acquire" | "connect" | "send" | "headers" | "body";

/** Where and when a request failed. */
export interface FailureDetails {
  /** The method and the URL, without user name and password. */
  readonly request: string;
  /** What the request was doing. */
  readonly phase: RequestPhase;
  /** Host and port. */
  readonly peer: string;
}

/** One of a request's timeouts ran out. */
export class HttpTimeoutError extends TimeoutError {
  override readonly name: string = "HttpTimeoutError";
  /** What the request was doing when its time was up. */
  readonly phase: RequestPhase;
  /** How long that which timed out had lasted, in milliseconds. */
  readonly elapsed: number;
  /** Host and port. */
  readonly peer: string;

  constructor(problem: string, elapsed: number, details: FailureDetails) {
    super(`${details.request}: ${problem} ${Math.round(elapsed)} ms (${details.peer})`);
    this.phase = details.phase;
    this.elapsed = elapsed;
    this.peer = details.peer;
  }
}

/** `timeout.acquire`: no connection became free. */
export class AcquireTimeoutError extends HttpTimeoutError {
  override readonly name: string = "AcquireTimeoutError";
  constructor(elapsed: number, details: FailureDetails) {
    super("no connection became free within", elapsed, details);
  }
}

/** `timeout.connect`: the connection was not established. */
export class ConnectTimeoutError extends HttpTimeoutError {
  override readonly name: string = "ConnectTimeoutError";
  constructor(elapsed: number, details: FailureDetails) {
    super("no connection was established within", elapsed, details);
  }
}

/** `timeout.headers`: the request was sent, and no answer began. */
export class HeadersTimeoutError extends HttpTimeoutError {
  override readonly name: string = "HeadersTimeoutError";
  constructor(elapsed: number, details: FailureDetails) {
    super("no answer began within", elapsed, details);
  }
}

/** `timeout.read`: nothing of the body came although it was wanted. */
export class ReadTimeoutError extends HttpTimeoutError {
  override readonly name: string = "ReadTimeoutError";
  constructor(elapsed: number, details: FailureDetails) {
    super("nothing more of the body came within", elapsed, details);
  }
}

/** `timeout.total`: the call, its retries and redirects and the reading of the body took too long together. */
export class TotalTimeoutError extends HttpTimeoutError {
  override readonly name: string = "TotalTimeoutError";
  constructor(elapsed: number, details: FailureDetails) {
    super(`not done (phase: ${details.phase}) within`, elapsed, details);
  }
}

/** No connection could be made, or it broke. The `cause` is the error of the system or of TLS. */
export class ConnectionError extends Error {
  override readonly name: string = "ConnectionError";
  /** The system's code, such as `ECONNREFUSED`. */
  readonly code: string;
  readonly phase: RequestPhase;
  readonly peer: string;

  constructor(details: FailureDetails, cause: unknown) {
    const code = codeOf(cause);
    super(`${details.request}: ${problemOf(details.phase)} (${details.peer}): ${messageOf(cause)}`, { cause });
    this.code = code;
    this.phase = details.phase;
    this.peer = details.peer;
  }
}

/** The proxy could not be reached, broke off, or refused to make the connection. */
export class ProxyError extends ConnectionError {
  override readonly name: string = "ProxyError";
  /** What the proxy answered, such as 407; undefined if it did not. */
  readonly status: number | undefined;

  constructor(details: FailureDetails, cause: unknown, status: number | undefined) {
    super(details, cause);
    this.status = status;
  }
}

function problemOf(phase: RequestPhase): string {
  return phase === "acquire" || phase === "connect" ? "no connection" : `the connection broke in phase ${phase}`;
}

function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "ECONNECTION";
}

function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === "") return cause.errors.map(messageOf).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}

/** The answer is not HTTP, not of the length it announced, or not in the encoding it announced. */
export class MalformedResponseError extends Error {
  override readonly name = "MalformedResponseError";
  readonly code = "EBADRESPONSE";

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** The body is larger than `maxResponseSize`, a line than its limit, or compressed beyond `maxExpansion`. */
export class ResponseTooLargeError extends Error {
  override readonly name = "ResponseTooLargeError";
  readonly code = "ETOOLARGE";
  /** The limit that was passed, in bytes. */
  readonly limit: number;

  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}

/** A redirect that was not followed: there were too many, or it leads nowhere. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
  readonly code = "EREDIRECT";
  /** The URLs that were visited, without user names and passwords. */
  readonly history: readonly string[];

  constructor(message: string, history: readonly string[]) {
    super(message);
    this.history = history;
  }
}

/** Thrown by `raiseForStatus()` for a status of 400 or more. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly code = "EHTTPSTATUS";
  readonly status: number;
  readonly statusText: string;
  /** Without user name and password. */
  readonly url: string;
  readonly headers: Headers;
  /** The beginning of the body, at most 64 KiB. */
  readonly body: Uint8Array;

  constructor(request: string, status: number, statusText: string, url: string, headers: Headers, body: Uint8Array) {
    super(`${request}: ${status}${statusText === "" ? "" : ` ${statusText}`}`);
    this.status = status;
    this.statusText = statusText;
    this.url = url;
    // Not enumerable: printing the error must not print cookies and pages of bytes.
    this.headers = headers;
    this.body = body;
    for (const key of ["headers", "body"]) Object.defineProperty(this, key, { enumerable: false });
  }

  /** The beginning of the body as text. */
  text(): string {
    return new TextDecoder().decode(this.body);
  }
}

/** The session was closed before or during the request. */
export class SessionClosedError extends Error {
  override readonly name = "SessionClosedError";
  readonly code = "ESESSIONCLOSED";

  constructor(request: string) {
    super(`${request}: the session is closed`);
  }
}
