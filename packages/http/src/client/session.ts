import { Future, shield, toMilliseconds } from "tsyncio";
import { RetryBudget } from "tsyncio/resilience";
import { BorrowedLane } from "./pool/borrowed-lane.ts";
import { Call, type CallPlan } from "./call/call.ts";
import { checkCount, checkKeys } from "../shared/check.ts";
import { Connection, connectionSettings } from "./pool/connection.ts";
import { acceptedEncodings } from "./response/decompress.ts";
import { describeValue } from "../shared/describe-value.ts";
import { SessionClosedError } from "./errors.ts";
import { type Fetch, makeFetch } from "./fetch.ts";
import { applyHeaders, type HeaderMap } from "../shared/headers.ts";
import type { Lane, LaneEvents } from "./pool/lane.ts";
import { Lifetime } from "./call/lifetime.ts";
import {
  type CommonOptions,
  defaultTimeouts,
  readTimeouts,
  requestKeys,
  type RequestOptions,
  sessionKeys,
  type SessionOptions,
} from "./options.ts";
import { Pool, type PoolStatistics } from "./pool/pool.ts";
import { planBody } from "./request/request-body.ts";
import type { ClientResponse } from "./response/response.ts";
import { noRetries, readRetry, type RetryRules } from "./call/retry.ts";
import { resolveTarget } from "./request/target.ts";

const defaultLimit = 100;
const defaultRedirects = 10;
const defaultExpansion = 250;

type Policies = Omit<CallPlan, "first"> & { readonly raiseForStatus: boolean };

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
   * timeouts, retries and default headers of this session. Cancelled with the scope that calls it, as well as by the
   * `signal` in its arguments. It can be passed around without its session.
   */
  readonly fetch: Fetch = makeFetch((method, url, options, signal) => this.send(method, url, options, signal));
  private readonly settings: SessionOptions;
  private readonly baseUrl: URL | undefined;
  private readonly headers: HeaderMap = new Map();
  private readonly policies: Policies;
  private readonly pool: Pool;
  private readonly running: Map<Lifetime, Call> = new Map();
  private state: "open" | "closing" = "open";
  private readonly gone: Future<void> = new Future({ name: "the session's end" });

  constructor(options: SessionOptions = {}) {
    const what = "ClientSession";
    checkKeys(options, sessionKeys, what);
    this.settings = options;
    this.baseUrl = options.baseUrl === undefined ? undefined : parseBase(options.baseUrl, what);
    this.headers.set("accept", ["*/*"]);
    this.headers.set("user-agent", ["tsyncio"]);
    if (options.decompress !== false) this.headers.set("accept-encoding", [acceptedEncodings]);
    applyHeaders(this.headers, options.headers, what);
    this.policies = readPolicies(options, { ...defaultPolicies, retry: ownRetries() }, what);
    this.pool = new Pool({
      limit: checkCount(options.limit ?? defaultLimit, 1, `${what}: limit`),
      limitPerHost: checkCount(options.limitPerHost ?? Infinity, 1, `${what}: limitPerHost`),
      open: laneOpener(options, what),
    });
  }

  get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("GET", url, options);
  }

  post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("POST", url, options);
  }

  put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PUT", url, options);
  }

  patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PATCH", url, options);
  }

  delete(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("DELETE", url, options);
  }

  head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("HEAD", url, options);
  }

  options(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("OPTIONS", url, options);
  }

  /**
   * Sends a request and waits for the head of the answer; its body is still to be read from the response. Cancelling
   * the caller ends it at once, in every phase.
   * @throws HttpTimeoutError and its subclasses, ConnectionError, MalformedResponseError, RedirectError,
   * HttpStatusError (with `raiseForStatus`), SessionClosedError; TypeError for options that make no sense.
   */
  request(method: string, url: string | URL, options: RequestOptions = {}): Promise<ClientResponse> {
    return this.send(method, url, options, undefined);
  }

  /** What the session's connections are doing at the moment. */
  statistics(): PoolStatistics {
    return this.pool.statistics();
  }

  /**
   * Closes all connections and waits until their sockets are gone, shielded from cancellation. Requests that wait or
   * run, and bodies that are being read, fail with a {@link SessionClosedError}. May be called again.
   */
  async close(): Promise<void> {
    if (this.state === "open") {
      this.state = "closing";
      for (const [lifetime, call] of this.running) lifetime.fail(call.closedError());
      this.pool.close(new SessionClosedError("a connection"), () => this.gone.setResult());
    }
    await shield(this.gone);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async send(
    method: string,
    url: string | URL,
    options: RequestOptions,
    signal: AbortSignal | undefined,
  ): Promise<ClientResponse> {
    const what = checkMethod(method);
    checkKeys(options, requestKeys, what);
    const policies = readPolicies(options, this.policies, what);
    const plan: CallPlan = { ...policies, first: this.firstHop(what, url, options) };
    const lifetime = new Lifetime((over) => this.running.delete(over), signal);
    const call = new Call(plan, this.pool, lifetime);
    if (this.state !== "open") throw call.closedError();
    this.running.set(lifetime, call);
    const response = await call.run();
    return policies.raiseForStatus ? response.raiseForStatus() : response;
  }

  private firstHop(method: string, input: string | URL, options: RequestOptions): CallPlan["first"] {
    const queries = [this.settings.query ?? {}, options.query ?? {}];
    const { url, authorization } = resolveTarget(input, this.baseUrl, queries, method);
    const headers: HeaderMap = new Map(this.headers);
    if (authorization !== undefined) headers.set("authorization", [authorization]);
    applyHeaders(headers, options.headers, method);
    return { label: `${method} ${url.href}`, method, url, headers, body: planBody(options, method) };
  }
}

const defaultPolicies: Policies = {
  timeouts: defaultTimeouts,
  redirects: defaultRedirects,
  retry: noRetries,
  raiseForStatus: false,
  rules: { decompress: true, maxExpansion: defaultExpansion, maxResponseSize: Number.POSITIVE_INFINITY },
};

/** One budget for the session, whatever its requests say about retries. */
function ownRetries(): RetryRules {
  return { ...noRetries, policy: { budget: new RetryBudget() } };
}

function readPolicies(options: CommonOptions, base: Policies, what: string): Policies {
  const { redirects, rules } = base;
  return {
    timeouts: readTimeouts(options.timeout, base.timeouts, what),
    redirects: options.redirects === false ? false : checkRedirects(options.redirects ?? redirects, what),
    retry: readRetry(options.retry, base.retry, what),
    raiseForStatus: options.raiseForStatus ?? base.raiseForStatus,
    rules: {
      decompress: options.decompress ?? rules.decompress,
      maxExpansion: checkCount(options.maxExpansion ?? rules.maxExpansion, 1, `${what}: maxExpansion`),
      maxResponseSize: checkCount(options.maxResponseSize ?? rules.maxResponseSize, 0, `${what}: maxResponseSize`),
    },
  };
}

function checkRedirects(value: number | false, what: string): number | false {
  return value === false ? false : checkCount(value, 0, `${what}: redirects`);
}

function checkMethod(method: unknown): string {
  if (typeof method !== "string" || !/^[A-Za-z]+$/.test(method)) {
    throw new TypeError(`request: expected a method such as "GET", got ${describeValue(method)}`);
  }
  const upper = method.toUpperCase();
  if (upper !== "CONNECT") return upper;
  throw new TypeError("request: CONNECT makes a tunnel, not a request");
}

function parseBase(base: string | URL, what: string): URL {
  return resolveTarget(base, undefined, [], `${what}: baseUrl`).url;
}

function laneOpener(options: SessionOptions, what: string): (origin: string, events: LaneEvents) => Lane {
  const { dispatcher } = options;
  if (dispatcher === undefined) {
    const settings = connectionSettings(options.tls, toMilliseconds(options.keepAlive ?? "4s", `${what}: keepAlive`));
    return (origin, events) => new Connection(origin, settings, events);
  }
  if (typeof dispatcher.dispatch === "function")
    return (origin, events) => new BorrowedLane(origin, dispatcher, events);
  throw new TypeError(`${what}: dispatcher: expected a Dispatcher of undici, got ${describeValue(dispatcher)}`);
}
