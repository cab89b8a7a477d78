import { publish } from "../trace/http-events.ts";
import { type Answer, attempt, type Sender } from "./attempts.ts";
import type { ReadingRules } from "../response/decoded-body.ts";
import { type FailureDetails, RedirectError, TotalTimeoutError } from "../errors.ts";
import { Exchange, type Order } from "./exchange.ts";
import { firstHeader, flattenHeaders, type HeaderMap } from "../../shared/headers.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Pool } from "../pool/pool.ts";
import type { CookieJar } from "../cookies/cookie-jar.ts";
import { followRedirect, type Hop, isRedirect } from "./redirect.ts";
import type { RedirectRules } from "./redirect-rules.ts";
import type { EncodedBody } from "../request/request-body.ts";
import type { ResponseHead } from "../response/response-head.ts";
import { ClientResponse } from "../response/response.ts";
import type { RetryRules } from "./retry.ts";
import { peerOf } from "../request/target.ts";

/** Everything that is decided before the first byte is sent. */
export interface CallPlan {
  readonly first: Hop;
  readonly timeouts: Timeouts;
  readonly redirects: RedirectRules;
  readonly cookies: CookieJar | null;
  readonly retry: RetryRules;
  readonly rules: ReadingRules;
}

let lastId = 0;

function nextId(): number {
  lastId += 1;
  return lastId;
}

/**
 * One call of `session.get()` and its like: hops along redirects, and attempts within each hop.
 *
 *     call ── hop ── attempt ── exchange
 *      │       │        └─ stale connection, failure or temporary status: next attempt
 *      │       └─ redirect: next hop
 *      └─ lifetime: total timeout, the caller's cancellation, the session's closing
 */
export class Call implements Sender {
  private readonly id: number = nextId();
  private readonly plan: CallPlan;
  private readonly pool: Pool;
  private readonly lifetime: Lifetime;
  private hop: Hop;
  /** The exchange whose answer the caller got: when it is over, so is the call. */
  private final: Exchange | null = null;
  private current: Exchange | null = null;

  constructor(plan: CallPlan, pool: Pool, lifetime: Lifetime) {
    this.plan = plan;
    this.hop = plan.first;
    this.pool = pool;
    this.lifetime = lifetime;
  }

  /** Waits for the answer's head. When this rejects, nothing of the call is left. */
  async run(): Promise<ClientResponse> {
    const { first, redirects, timeouts } = this.plan;
    publish("start", () => ({ id: this.id, request: first.label }));
    try {
      this.lifetime.begin(timeouts.total, (elapsed) => new TotalTimeoutError(elapsed, this.details));
      const history: ClientResponse[] = [];
      for (;;) {
        const answer = await attempt(this.hop, this.plan.retry, this.lifetime, this);
        const next = redirects.max === false ? null : this.redirected(answer, history, redirects.max);
        if (next === null) return this.handOut(answer, history);
        this.publishRedirect(next, answer.head.status);
        const response = this.respond(answer, [...history]);
        await response.close();
        history.push(response);
        this.hop = next;
      }
    } catch (error) {
      this.lifetime.end();
      throw error;
    }
  }

  open(): Exchange {
    this.lifetime.throwIfOver();
    const { hop } = this;
    const encoded = hop.body.encode();
    const order: Order = {
      id: this.id,
      label: hop.label,
      origin: hop.url.origin,
      peer: peerOf(hop.url),
      timeouts: this.plan.timeouts,
      dispatch: {
        path: hop.url.pathname + hop.url.search,
        method: hop.method,
        headers: flattenHeaders(this.headersFor(encoded)) as string[],
        body: encoded.body,
      },
    };
    const exchange: Exchange = new Exchange(order, this.pool, () => {
      encoded.stop();
      if (this.final === exchange) this.lifetime.end();
    });
    this.current = exchange;
    this.lifetime.stopWith((reason) => exchange.abort(reason));
    return exchange;
  }

  answered(head: ResponseHead): void {
    this.plan.cookies?.receive(head.headers["set-cookie"], this.hop.url);
  }

  again(reason: unknown, attempt: number, delay: number, staleConnection: boolean): void {
    publish("retry", () => ({ id: this.id, request: this.hop.label, attempt, delay, reason, staleConnection }));
  }

  /** The hop's headers, with those that depend on the moment. The hop's own are not changed. */
  private headersFor({ contentType, contentLength }: EncodedBody): HeaderMap {
    const { headers, url } = this.hop;
    const cookie = this.plan.cookies?.header(url, headers.get("cookie"));
    const typeMissing = contentType !== undefined && !headers.has("content-type");
    if (cookie === undefined && !typeMissing && contentLength === undefined) return headers;
    const all: HeaderMap = new Map(headers);
    if (cookie !== undefined) all.set("cookie", [cookie]);
    if (typeMissing) all.set("content-type", [contentType]);
    if (contentLength !== undefined) all.set("content-length", [String(contentLength)]);
    return all;
  }

  private get details(): FailureDetails {
    const { label, url } = this.plan.first;
    return this.current?.details ?? { request: label, phase: "acquire", peer: peerOf(url) };
  }

  private publishRedirect(next: Hop, status: number): void {
    const { label, url } = this.hop;
    publish("redirect", () => ({ id: this.id, request: label, status, from: url.href, to: next.url.href }));
  }

  private redirected({ exchange, head }: Answer, history: ClientResponse[], limit: number): Hop | null {
    const location = firstHeader(head.headers, "location");
    if (!isRedirect(head.status) || location === undefined) return null;
    const { hop } = this;
    try {
      const visited = [...history.map((response) => response.url), hop.url.href];
      if (history.length < limit)
        return followRedirect(hop, head.status, location, this.plan.redirects.secret, visited);
      throw new RedirectError(`${this.plan.first.label}: more than ${limit} redirects`, visited);
    } catch (error) {
      exchange.discard();
      throw error;
    }
  }

  private handOut(answer: Answer, history: ClientResponse[]): ClientResponse {
    this.final = answer.exchange;
    if (answer.exchange.over) this.lifetime.end();
    else this.lifetime.linger(this.hop.label);
    return this.respond(answer, history);
  }

  private respond({ exchange, head }: Answer, history: ClientResponse[]): ClientResponse {
    const { hop } = this;
    return new ClientResponse(hop.label, hop.url.href, head, exchange, this.plan.rules, history);
  }
}
