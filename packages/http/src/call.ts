import { type Answer, attempt } from "./attempts.ts";
import type { ReadingRules } from "./decoded-body.ts";
import { RedirectError, SessionClosedError, TotalTimeoutError } from "./errors.ts";
import { Exchange, type Order } from "./exchange.ts";
import { firstHeader, flattenHeaders } from "./headers.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Timeouts } from "./options.ts";
import type { Pool } from "./pool.ts";
import { redactUrl } from "./redact-url.ts";
import { followRedirect, type Hop } from "./redirect.ts";
import { ClientResponse } from "./response.ts";
import type { RetryRules } from "./retry.ts";
import { peerOf } from "./target.ts";

/** Everything that is decided before the first byte is sent. */
export interface CallPlan {
  readonly first: Hop;
  readonly timeouts: Timeouts;
  /** How many redirects to follow; false: none, and a redirect is no error. */
  readonly redirects: number | false;
  readonly retry: RetryRules;
  readonly rules: ReadingRules;
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
    const label = labelOf(this.plan.first);
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

  /** The error with which the closing of the session ends this call. */
  closedError(): SessionClosedError {
    return new SessionClosedError(labelOf(this.plan.first));
  }

  private async follow(): Promise<ClientResponse> {
    const history: ClientResponse[] = [];
    for (let hop = this.plan.first; ;) {
      const answer = await attempt(hop, this.plan.retry, this.lifetime, () => this.exchangeFor(hop));
      const { head, exchange } = answer;
      const visited = [...history.map((response) => response.url), redactUrl(hop.url)];
      const next =
        this.plan.redirects === false
          ? null
          : this.follower(exchange, () =>
              followRedirect(hop, head.status, firstHeader(head.headers, "location"), visited),
            );
      if (next === null) return this.handOut(hop, answer, history);
      if (history.length >= (this.plan.redirects as number)) {
        exchange.discard();
        throw new RedirectError(`${labelOf(this.plan.first)}: more than ${history.length} redirects`, visited);
      }
      const response = this.respond(hop, answer, [...history]);
      await response.close();
      history.push(response);
      hop = next;
    }
  }

  private follower(exchange: Exchange, follow: () => Hop | null): Hop | null {
    try {
      return follow();
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
    return new ClientResponse(labelOf(hop), hop.url.href, head, exchange, this.plan.rules, history);
  }

  private exchangeFor(hop: Hop): Exchange {
    const encoded = hop.body.encode();
    const headers = new Map(hop.headers);
    if (encoded.contentType !== undefined && !headers.has("content-type")) {
      headers.set("content-type", [encoded.contentType]);
    }
    const order: Order = {
      label: labelOf(hop),
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

function labelOf(hop: Hop): string {
  return `${hop.method} ${redactUrl(hop.url)}`;
}
