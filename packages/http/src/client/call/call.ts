import { publish } from "../trace/http-events.ts";
import { type Answer, attempt, type Sender } from "./attempts.ts";
import type { ReadingRules } from "../response/decoded-body.ts";
import { RedirectError, TotalTimeoutError } from "../errors.ts";
import { Exchange, type Order } from "./exchange.ts";
import { firstHeader, flattenHeaders } from "../../shared/headers.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Pool } from "../pool/pool.ts";
import type { CookieJar } from "../cookies/cookie-jar.ts";
import { followRedirect, type Hop, isRedirect } from "./redirect.ts";
import type { RedirectRules } from "./redirect-rules.ts";
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
export class Call {
  private readonly id: number = nextId();
  private readonly plan: CallPlan;
  private readonly pool: Pool;
  private readonly lifetime: Lifetime;
  /** The exchange whose answer the caller got: when it is over, so is the call. */
  private final: Exchange | null = null;
  private current: Exchange | null = null;

  constructor(plan: CallPlan, pool: Pool, lifetime: Lifetime) {
    this.plan = plan;
    this.pool = pool;
    this.lifetime = lifetime;
  }

  /** Waits for the answer's head. When this rejects, nothing of the call is left. */
  async run(): Promise<ClientResponse> {
    const label = this.plan.first.label;
    publish("start", () => ({ id: this.id, request: label }));
    this.lifetime.begin(label, this.plan.timeouts.total, (elapsed) => {
      const details = this.current?.details ?? { request: label, phase: "acquire", peer: peerOf(this.plan.first.url) };
      return new TotalTimeoutError(elapsed, details);
    });
    try {
      return await this.follow();
    } catch (error) {
      this.lifetime.end();
      throw error;
    }
  }

  private async follow(): Promise<ClientResponse> {
    const history: ClientResponse[] = [];
    for (let hop = this.plan.first; ;) {
      const answer = await attempt(hop, this.plan.retry, this.lifetime, this.senderOf(hop));
      const { max } = this.plan.redirects;
      const next = max === false ? null : this.redirected(hop, answer, history, max);
      if (next === null) return this.handOut(hop, answer, history);
      this.publishRedirect(hop, next, answer.head.status);
      const response = this.respond(hop, answer, [...history]);
      await response.close();
      history.push(response);
      hop = next;
    }
  }

  private senderOf(hop: Hop): Sender {
    return {
      open: () => this.exchangeFor(hop),
      answered: (head) => this.plan.cookies?.receive(head.headers["set-cookie"], hop.url),
      again: (reason, number, delay, staleConnection) => {
        publish("retry", () => ({ id: this.id, request: hop.label, attempt: number, delay, reason, staleConnection }));
      },
    };
  }

  private publishRedirect(hop: Hop, next: Hop, status: number): void {
    publish("redirect", () => ({
      id: this.id,
      request: hop.label,
      status,
      from: hop.url.href,
      to: next.url.href,
    }));
  }

  private redirected(hop: Hop, { exchange, head }: Answer, history: ClientResponse[], limit: number): Hop | null {
    const location = firstHeader(head.headers, "location");
    if (!isRedirect(head.status) || location === undefined) return null;
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

  private handOut(hop: Hop, answer: Answer, history: ClientResponse[]): ClientResponse {
    this.final = answer.exchange;
    if (answer.exchange.over) this.lifetime.end();
    return this.respond(hop, answer, history);
  }

  private respond(hop: Hop, { exchange, head }: Answer, history: ClientResponse[]): ClientResponse {
    return new ClientResponse(hop.label, hop.url.href, head, exchange, this.plan.rules, history);
  }

  private exchangeFor(hop: Hop): Exchange {
    const encoded = hop.body.encode();
    const headers = new Map(hop.headers);
    const cookie = this.plan.cookies?.header(hop.url, headers.get("cookie"));
    if (cookie !== undefined) headers.set("cookie", [cookie]);
    if (encoded.contentType !== undefined && !headers.has("content-type")) {
      headers.set("content-type", [encoded.contentType]);
    }
    if (encoded.contentLength !== undefined) headers.set("content-length", [String(encoded.contentLength)]);
    const order: Order = {
      id: this.id,
      label: hop.label,
      origin: hop.url.origin,
      peer: peerOf(hop.url),
      timeouts: this.plan.timeouts,
      dispatch: {
        path: hop.url.pathname + hop.url.search,
        method: hop.method,
        headers: flattenHeaders(headers),
        ...(encoded.body === undefined ? {} : { body: encoded.body }),
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
}
