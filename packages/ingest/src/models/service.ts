import { ClientSession, redactUrl } from "@tsyncio/http";
import { type Duration, getRunningLoop, isCancelled, timeout, toMilliseconds, withSignal } from "tsyncio";
import { AdaptiveLimiter, RateLimiter, retry } from "tsyncio/resilience";
import { limitsFor, type CompleteLimits, type ServiceLimits } from "./provider-limits.ts";
import { answerError, brokenError } from "./service-failures.ts";
import { ServiceError } from "./service-error.ts";
import type { UsageMeter } from "./usage.ts";

/** A `fetch`, of the platform or compatible with it. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response>;

/** How a service is reached. */
export interface ServiceOptions {
  /** Such as `"https://api.openai.com/v1"`; a name and a password in it become a header. */
  readonly baseUrl: string | URL;
  /** Sent as `Authorization: Bearer …`. Default: none. */
  readonly apiKey?: string;
  /** More headers for each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: that of a session of `@tsyncio/http`, whose requests end with the task that makes them. */
  readonly fetch?: FetchLike;
  /** Whatever is not given is known of the provider, learnt from its answers, or found while it runs. */
  readonly limits?: ServiceLimits;
  /** How long one request may take; then it is sent again. Default: `"2m"`. */
  readonly requestTimeout?: Duration;
  /**
   * For how long a request is sent again and again while the service is overloaded, failing or out of reach. After that
   * the run ends, and the next one goes on from there. Default: `"10m"`.
   */
  readonly patience?: Duration;
}

/** What a request costs, and where that is written down. */
export interface RequestCost {
  /** Estimated. */
  readonly tokens: number;
  readonly usage: UsageMeter;
}

/** More than any service grants, for quotas that are learnt from its answers. */
const unknownQuota = 1_000_000_000;

/** Between the attempts, unless the service says how long. How many there are, `patience` decides. */
const pauses = {
  attempts: Number.POSITIVE_INFINITY,
  base: "200ms",
  maxDelay: "30s",
  maxRetryAfter: "10m",
} as const;

/** Requests that a shared session keeps open at once: who has room for fewer is held back before that. */
const connections = 512;

/**
 * One service, and everything that all of its callers share: its quotas, the number of requests that it can take at
 * once, and what is known of its limits.
 *
 *     a request ─▶ quotas (requests and tokens a minute) ─▶ a place in flight ─▶ sent ─▶ answer
 *          ▲                                                                      │
 *          └────── waits: as long as the service asks, else longer each time ◀────┘ overloaded, failing, out of reach
 *
 * A 429 has two meanings. If a quota is used up, as the headers say, everybody waits until it is filled again, and the
 * number in flight is not to blame. Otherwise too many were in flight, and only the refused request waits.
 */
export class Service {
  readonly limits: CompleteLimits;
  private readonly base: URL;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly givenFetch: FetchLike | undefined;
  private session: ClientSession | undefined;
  private readonly quotas: RateLimiter<"requests" | "tokens">;
  private readonly places: AdaptiveLimiter;
  private readonly requestTimeout: Duration;
  private readonly patience: Duration;

  constructor(options: ServiceOptions) {
    this.base = baseOf(options.baseUrl);
    this.headers = headersFor(this.base, options);
    this.givenFetch = options.fetch;
    this.limits = limitsFor(this.base, options.limits);
    const { requestsPerMinute, tokensPerMinute, concurrency } = this.limits;
    this.quotas = new RateLimiter({
      requests: quota(requestsPerMinute),
      tokens: quota(tokensPerMinute),
    });
    this.places =
      concurrency === undefined
        ? new AdaptiveLimiter({ max: connections })
        : new AdaptiveLimiter({ initial: concurrency, max: concurrency });
    this.requestTimeout = options.requestTimeout ?? "2m";
    this.patience = options.patience ?? "10m";
  }

  /** The address, without a name or a password. */
  get address(): string {
    return redactUrl(this.base);
  }

  /**
   * Posts JSON and hands the response to `read`, which reads all of it; sends it again as long as that makes sense. A
   * cancellation ends it at once, in whatever phase it is.
   * @throws ServiceError when there is no answer, with what the service said.
   */
  async post<T>(path: string, body: unknown, cost: RequestCost, read: (response: Response) => Promise<T>): Promise<T> {
    const text = JSON.stringify(body);
    const patience = toMilliseconds(this.patience, "patience");
    let failingSince: number | undefined;
    const retryIf = (error: unknown): boolean => {
      const now = getRunningLoop().time();
      failingSince ??= now;
      return isPassing(error) && now - failingSince < patience;
    };
    const retryAfter = (error: unknown): number | undefined => (error as ServiceError).retryAfter;
    try {
      return await retry((attempt) => this.attempt(path, text, cost, read, attempt), {
        ...pauses,
        retryIf,
        retryAfter,
      });
    } catch (error) {
      if (!isPassing(error)) throw error;
      const { message, status } = error as ServiceError;
      throw new ServiceError("hopeless", `${message} (tried for ${String(this.patience)})`, { status, cause: error });
    }
  }

  private async attempt<T>(
    path: string,
    body: string,
    { tokens, usage }: RequestCost,
    read: (response: Response) => Promise<T>,
    attempt: number,
  ): Promise<T> {
    await this.quotas.acquire({ requests: 1, tokens: Math.min(tokens, this.quotas.statistics().budgets.tokens.limit) });
    using place = await this.places.acquire();
    if (attempt > 1) usage.retries += 1;
    usage.requests += 1;
    try {
      const value = await timeout(this.requestTimeout, () => this.send(path, body, read));
      place.succeeded();
      return value;
    } catch (error) {
      if (isCancelled(error)) throw error;
      const failure = error instanceof ServiceError ? error : brokenError(this.address, error);
      if (failure.trouble === "overload") {
        usage.overloads += 1;
        // A quota that is used up has nothing to do with how many are in flight.
        if (this.quotas.statistics().pausedUntil === null) place.refused(failure.retryAfter);
      } else if (failure.trouble === "too-large" || failure.trouble === "bad-request") place.succeeded();
      throw failure;
    }
  }

  private send<T>(path: string, body: string, read: (response: Response) => Promise<T>): Promise<T> {
    const url = new URL(this.base);
    url.pathname = `${url.pathname.replace(/\/$/u, "")}${path}`;
    return withSignal(async (signal) => {
      const headers = { "content-type": "application/json", ...this.headers };
      const response = await this.fetch(url.href, { method: "POST", headers, body, signal });
      if (response.ok) {
        this.quotas.learn(withoutRetryAfter(response.headers));
        return await read(response);
      }
      const failure = await answerError(this.address, response);
      const exhausted = failure.trouble === "overload" && saysUsedUp(response.headers);
      this.quotas.learn(exhausted ? response.headers : withoutRetryAfter(response.headers));
      throw failure;
    });
  }

  private fetch(url: string, init: RequestInit): Promise<Response> {
    if (this.givenFetch !== undefined) return this.givenFetch(url, init);
    this.session ??= new ClientSession({
      limit: connections,
      retry: false,
      timeout: { total: Number.POSITIVE_INFINITY },
    });
    return this.session.fetch(url, init);
  }
}

/** Whether the same request may be answered later. */
function isPassing(error: unknown): boolean {
  return error instanceof ServiceError && (error.trouble === "overload" || error.trouble === "failure");
}

function quota(perMinute: number | undefined): {
  readonly limit: number;
  readonly per: Duration;
  readonly burst?: number;
} {
  return { limit: perMinute ?? unknownQuota, per: "1m" };
}

/** The headers with which services say that nothing is left of a quota. */
const remaining = ["x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-remaining"];

function saysUsedUp(headers: Headers): boolean {
  return remaining.some((name) => headers.get(name)?.trim() === "0");
}

function withoutRetryAfter(headers: Headers): { get(name: string): string | null } {
  return { get: (name) => (name === "retry-after" ? null : headers.get(name)) };
}

function baseOf(baseUrl: string | URL): URL {
  const url = URL.parse(String(baseUrl));
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new TypeError('baseUrl: expected an http or https address such as "https://api.openai.com/v1"');
  }
  return url;
}

/** A name and a password in the address go into a header, and out of the address, which appears in messages. */
function headersFor(base: URL, { apiKey, headers }: ServiceOptions): Readonly<Record<string, string>> {
  const { username, password } = base;
  base.username = "";
  base.password = "";
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const basic = username === "" ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return { ...basic, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...headers };
}
