import { type Duration, Future, moveOnAfter, shield, toMilliseconds } from "tsyncio";
import { checkCount, checkKeys } from "../shared/check.ts";
import { describeValue } from "../shared/describe-value.ts";
import { applyHeaders, type HeaderMap } from "../shared/headers.ts";
import { Call } from "./call/call.ts";
import { Lifetime } from "./call/lifetime.ts";
import type { Hop } from "./call/redirect.ts";
import { CookieJar } from "./cookies/cookie-jar.ts";
import { SessionClosedError, TotalTimeoutError } from "./errors.ts";
import { EventStream, type EventStreamOptions, eventStreamKeys } from "./events/event-stream.ts";
import { type Fetch, makeFetch } from "./fetch/fetch.ts";
import { hopOf, requestOf } from "./middleware/client-request.ts";
import { checkMiddleware, type Middleware, throughMiddleware } from "./middleware/middleware.ts";
import { requestKeys, type RequestOptions, sessionKeys, type SessionOptions } from "./options.ts";
import { defaultPolicies, nothingSaid, type Policies, readPolicies } from "./policies.ts";
import { Pool, type PoolStatistics } from "./pool/pool.ts";
import { authorizationOf } from "./request/auth.ts";
import { checkMethod } from "./request/check-method.ts";
import { planBody } from "./request/request-body.ts";
import { peerOf, resolveTarget } from "./request/target.ts";
import { acceptedEncodings } from "./response/decompress.ts";
import type { ClientResponse } from "./response/response.ts";
import { type Transport, transportOf } from "./transport.ts";
import type { WebSocketConnection } from "../websocket/connection.ts";
import { asHttpUrl, type DialOptions, SessionSockets } from "../websocket/session-sockets.ts";

const defaultLimit = 100;

/** How a session is closed. */
export interface CloseOptions {
  /** How long requests that are under way may go on; new ones are refused. Default: 0, they fail at once. */
  readonly drain?: Duration;
}

/**
 * Connections, and what all requests on them have in common.
 *
 *     await using session = new ClientSession({ baseUrl: "https://api.example.com" });
 *     await using response = await session.get("/items", { query: { page: 2 } });
 *     const items = await response.json<Item[]>();
 *
 * At most `limit` connections are open at once. Requests beyond that wait: first come, first served within a host,
 * round robin between hosts. Every phase of a request (waiting for a connection, name look-up, connecting, upload,
 * headers, body) ends at once when the scope that made it is cancelled, and its socket is closed. The session and
 * its idle connections are not bound to the scope in which they were made; {@link close} ends them.
 */
export class ClientSession implements AsyncDisposable {
  /**
   * A `fetch` for other libraries: the arguments and the `Response` of the platform's, the connections, limits,
   * timeouts, retries, cookies and default headers of this session. Cancelled with the scope that calls it, as well as
   * by the `signal` in its arguments. It can be passed around without its session.
   *
   *     const openai = new OpenAI({ fetch: session.fetch });
   */
  readonly fetch: Fetch = makeFetch((method, url, options, signal) => this.send(method, url, options, signal));
  /** The cookies of this session; null if it keeps none. */
  readonly cookies: CookieJar | null;
  private readonly settings: SessionOptions;
  private readonly baseUrl: URL | undefined;
  private readonly headers: HeaderMap = new Map();
  private readonly policies: Policies;
  private readonly middleware: readonly Middleware[];
  private readonly transport: Transport;
  private readonly pool: Pool;
  /** Everything that goes on, and what to call it. */
  private readonly running: Map<Lifetime, string> = new Map();
  private state: "open" | "draining" | "closing" = "open";
  private readonly drained: Future<void> = new Future({ name: "the session's last request" });
  private readonly sockets: SessionSockets = new SessionSockets();
  private readonly gone: Future<void> = new Future({ name: "the session's end" });

  /** @throws TypeError, RangeError for an option that is not known or makes no sense. */
  constructor(options: SessionOptions = {}) {
    const what = "ClientSession";
    checkKeys(options, sessionKeys, what);
    this.settings = options;
    const base = options.baseUrl ?? (options.handler === undefined ? undefined : "http://localhost/");
    this.baseUrl = base === undefined ? undefined : resolveTarget(base, undefined, [], `${what}: baseUrl`).url;
    this.headers.set("accept", ["*/*"]);
    this.headers.set("user-agent", ["tsyncio"]);
    if (options.decompress !== false) this.headers.set("accept-encoding", [acceptedEncodings]);
    if (options.auth !== undefined) this.headers.set("authorization", [authorizationOf(options.auth, what)]);
    applyHeaders(this.headers, options.headers, what);
    this.cookies = readCookies(options.cookies, what);
    this.middleware = checkMiddleware(options.middleware, what);
    this.policies = readPolicies(options, defaultPolicies(), what);
    this.transport = transportOf(options, what);
    this.pool = new Pool({
      limit: checkCount(options.limit ?? defaultLimit, 1, `${what}: limit`),
      limitPerHost: checkCount(options.limitPerHost ?? Infinity, 1, `${what}: limitPerHost`),
      open: this.transport.openLane,
    });
  }

  /** {@link request} with the method GET. */
  get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("GET", url, options);
  }

  /** {@link request} with the method POST. */
  post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("POST", url, options);
  }

  /** {@link request} with the method PUT. */
  put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PUT", url, options);
  }

  /** {@link request} with the method PATCH. */
  patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PATCH", url, options);
  }

  /** {@link request} with the method DELETE. */
  delete(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("DELETE", url, options);
  }

  /** {@link request} with the method HEAD. */
  head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("HEAD", url, options);
  }

  /** {@link request} with the method OPTIONS. */
  options(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("OPTIONS", url, options);
  }

  /**
   * Sends a request and waits for the head of the answer; its body is still to be read from the response. Cancelling
   * the caller ends it at once, in every phase.
   *
   *     const response = await session.request("PROPFIND", "/files", { headers: { depth: 1 }, timeout: "10s" });
   *
   * @throws HttpTimeoutError and its subclasses, ConnectionError, MalformedResponseError, RedirectError,
   * HttpStatusError (with `raiseForStatus`), SessionClosedError; TypeError for options that make no sense.
   */
  request(method: string, url: string | URL, options: RequestOptions = nothingSaid): Promise<ClientResponse> {
    return this.send(method, url, options, undefined);
  }

  /**
   * Server-sent events, as they come. A connection that is lost is made anew, and the server is told the last event
   * that was seen. Ends with the scope in which it is called, when the loop is left, or when the server says that there
   * is no more (status 204).
   *
   *     for await (const event of session.events("/changes")) console.log(event.type, event.data);
   */
  events(url: string | URL, options: EventStreamOptions = {}): EventStream {
    checkKeys(options, eventStreamKeys, "events");
    return new EventStream((method, settings) => this.send(method, url, settings, undefined), options);
  }

  /**
   * Opens a WebSocket, with the session's headers and cookies, and waits for the handshake; `connect` among the timeouts
   * covers all of it. It is connected as the session's requests are: TLS, `socketPath`, `lookup`, and the proxy, always by
   * a tunnel. Cancelling the caller ends it at once. It counts against no limit; closing the session closes it.
   *
   *     await using socket = await session.ws("/feed", { protocols: ["v2"] });
   *
   * @throws ConnectionError (a ProxyError if the proxy is to blame), ConnectTimeoutError, WebSocketHandshakeError,
   * SessionClosedError; TypeError for options that make no sense, and in a session whose requests a `handler` or a
   * `dispatcher` carries.
   */
  async ws(url: string | URL, options: DialOptions = {}): Promise<WebSocketConnection> {
    const { headers, query } = options;
    const target = this.firstHop("GET", asHttpUrl(url), {
      ...(headers === undefined ? {} : { headers }),
      ...(query === undefined ? {} : { query }),
    });
    if (this.state !== "open") throw new SessionClosedError(target.label);
    const connect = this.transport.socketConnector();
    const timeout = this.policies.timeouts.connect;
    return this.sockets.dial({ ...target, connect, timeout, cookies: this.cookies }, options);
  }

  /** What the session's connections are doing at the moment. */
  statistics(): PoolStatistics {
    return this.pool.statistics();
  }

  /**
   * Closes all connections and waits until their sockets are gone, shielded from cancellation. Requests that wait or
   * run, and bodies that are being read, fail with a {@link SessionClosedError}: at once, or when the time of `drain` is
   * over. May be called again, also to make an end of draining.
   *
   *     await session.close({ drain: "5s" });
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkKeys(options, ["drain"], "close");
    const drain = toMilliseconds(options.drain ?? 0, "close: drain");
    if (this.state === "open") this.state = "draining";
    if (drain > 0 && this.running.size > 0)
      await shield(() => moveOnAfter(drain, () => this.drained), { grace: drain });
    this.closeNow();
    await shield(() => this.sockets.close());
    await shield(this.gone);
  }

  /** Closes at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private closeNow(): void {
    if (this.state === "closing") return;
    this.state = "closing";
    for (const [lifetime, label] of this.running) lifetime.fail(new SessionClosedError(label));
    this.pool.close(new SessionClosedError("a connection"), () => this.gone.setResult());
  }

  private send(
    method: string,
    url: string | URL,
    options: RequestOptions,
    signal: AbortSignal | undefined,
  ): Promise<ClientResponse> {
    try {
      const what = checkMethod(method);
      checkKeys(options, requestKeys, what);
      const policies = readPolicies(options, this.policies, what);
      const first = this.firstHop(what, url, options);
      const answer =
        this.middleware.length === 0
          ? this.call(first, policies, signal)
          : this.callThroughMiddleware(first, policies, signal);
      return policies.raiseForStatus ? answer.then((response) => response.raiseForStatus()) : answer;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private call(
    first: Hop,
    policies: Policies,
    signal: AbortSignal | undefined,
    states: readonly string[] = ["open"],
  ): Promise<ClientResponse> {
    const lifetime = this.begin(first.label, signal, states);
    return new Call({ ...policies, cookies: this.cookies, first }, this.pool, lifetime).run();
  }

  private callThroughMiddleware(
    first: Hop,
    policies: Policies,
    signal: AbortSignal | undefined,
  ): Promise<ClientResponse> {
    const lifetime = this.begin(first.label, signal, ["open"]);
    const { total } = policies.timeouts;
    const deadline = performance.now() + total;
    lifetime.begin(total, (elapsed) => {
      return new TotalTimeoutError(elapsed, { request: first.label, phase: "acquire", peer: peerOf(first.url) });
    });
    return throughMiddleware(this.middleware, requestOf(first), lifetime, (request) => {
      const timeouts = { ...policies.timeouts, total: Math.max(0, deadline - performance.now()) };
      // What a middleware sends belongs to a request that is under way.
      return this.call(hopOf(request), { ...policies, timeouts }, signal, ["open", "draining"]);
    });
  }

  private begin(label: string, signal: AbortSignal | undefined, states: readonly string[]): Lifetime {
    if (!states.includes(this.state)) throw new SessionClosedError(label);
    const lifetime = new Lifetime((over) => this.ended(over), signal);
    this.running.set(lifetime, label);
    return lifetime;
  }

  private ended(lifetime: Lifetime): void {
    this.running.delete(lifetime);
    if (this.state !== "open" && this.running.size === 0 && !this.drained.done()) this.drained.setResult();
  }

  private firstHop(method: string, input: string | URL, options: RequestOptions): Hop {
    const queries = [this.settings.query, options.query];
    const { url, authorization } = resolveTarget(input, this.baseUrl, queries, method);
    const label = `${method} ${url.href}`;
    const body = planBody(options, method);
    if (authorization === undefined && options.auth === undefined && options.headers === undefined) {
      return { label, method, url, headers: this.headers, body };
    }
    const headers: HeaderMap = new Map(this.headers);
    if (authorization !== undefined) headers.set("authorization", [authorization]);
    if (options.auth !== undefined) headers.set("authorization", [authorizationOf(options.auth, method)]);
    applyHeaders(headers, options.headers, method);
    return { label, method, url, headers, body };
  }
}

function readCookies(input: unknown, what: string): CookieJar | null {
  if (input === false) return null;
  if (input === undefined || input === true) return new CookieJar();
  if (input instanceof CookieJar) return input;
  throw new TypeError(`${what}: cookies: expected true, false or a CookieJar, got ${describeValue(input)}`);
}
