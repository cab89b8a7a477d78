import { currentScope } from "../kernel/context.ts";
import type { Duration } from "../kernel/duration.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import type { Timer } from "../kernel/timer-heap.ts";
import { describeValue, expectFunction } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { expectDelay } from "./backoff.ts";
import { RateBudget, type RateBudgetOptions } from "./rate-budget.ts";
import { type HeaderSource, readRateLimitHeaders } from "./rate-limit-headers.ts";

/** What a call costs a {@link RateLimiter}, by budget; a budget that is not named costs nothing. A number, if there is only one budget. */
export type Cost<N extends string> = number | { readonly [K in N]?: number };

/** What was taken from a {@link RateLimiter}. */
export interface Grant<N extends string> {
  /** Corrects the cost when the real one is known: what was too much is given back, what was too little is charged. */
  adjust(actual: Cost<N>): void;
  /** Gives everything back: the call was not made. */
  refund(): void;
}

/** What {@link RateLimiter.statistics} tells. */
export interface RateLimiterStatistics<N extends string> {
  /** How many wait. */
  readonly waiting: number;
  /** Until when all wait after a `pauseUntil`, on the loop's clock; null if they need not. */
  readonly pausedUntil: number | null;
  readonly budgets: { readonly [K in N]: { readonly limit: number; readonly available: number } };
}

interface Request<N extends string> {
  readonly amounts: ReadonlyMap<N, number>;
  readonly wait: Wait<Grant<N>>;
  readonly loop: EventLoop;
}

/**
 * Keeps calls within the quotas of a service, several of them at once: requests a minute and tokens a minute, say.
 *
 *     const limiter = new RateLimiter({
 *       requests: { limit: 500, per: "1m" },
 *       tokens: { limit: 200_000, per: "1m" },
 *     });
 *     for (const batch of batches) {
 *       await save(await limiter.run({ requests: 1, tokens: batch.tokens }, () => embed(batch)));
 *     }
 *
 * In any window of `per`, wherever it begins, at most `limit` is spent; see {@link RateBudget} for how. Who waits is
 * served in the order of coming, and takes what it needs from all budgets in one step, so a large request is not
 * starved by small ones, and holds nothing while it waits. A cancelled waiter leaves no trace.
 */
export class RateLimiter<N extends string> {
  private readonly budgets: ReadonlyMap<N, RateBudget>;
  private readonly waiters: Set<Request<N>> = new Set();
  private timer: { readonly timer: Timer; readonly loop: EventLoop } | null = null;
  private pausedUntil: number = Number.NEGATIVE_INFINITY;

  /** @throws TypeError, RangeError for budgets that make no sense. */
  constructor(budgets: { readonly [K in N]: RateBudgetOptions }) {
    const entries = Object.entries<RateBudgetOptions>(budgets);
    if (entries.length === 0) throw new TypeError("RateLimiter: expected at least one budget, got none");
    this.budgets = new Map(entries.map(([name, options]) => [name as N, new RateBudget(name, options)]));
  }

  /**
   * Waits until all budgets allow the cost, and takes it. Without a cost: 1 of the only budget.
   * @throws RangeError for a cost that exceeds what a budget allows at once: it would wait for ever.
   */
  async acquire(cost?: Cost<N>): Promise<Grant<N>> {
    const amounts = this.amounts(cost);
    const { loop } = currentScope();
    if (this.waiters.size === 0 && this.readyAt(amounts, loop.time()) <= loop.time()) {
      return immediate(() => this.take(amounts, loop.time()));
    }
    return suspend<Grant<N>>("a rate limit", (wait) => {
      const request: Request<N> = { amounts, wait, loop };
      this.waiters.add(request);
      if (this.waiters.size === 1) this.serve();
      return () => {
        const wasFirst = first(this.waiters) === request;
        this.waiters.delete(request);
        // Not at once: of those behind it, some may be about to leave as well.
        if (wasFirst) this.serveAt(loop.time(), loop);
      };
    });
  }

  /** Takes the cost if that is possible without waiting and without overtaking anybody; else returns undefined. */
  tryAcquire(cost?: Cost<N>): Grant<N> | undefined {
    const amounts = this.amounts(cost);
    const now = currentScope().loop.time();
    if (this.waiters.size > 0 || this.readyAt(amounts, now) > now) return undefined;
    return this.take(amounts, now);
  }

  /** Waits for the cost and calls `fn`, which may correct the cost. What is spent stays spent if `fn` fails. */
  async run<R>(fn: (grant: Grant<N>) => R | PromiseLike<R>): Promise<Awaited<R>>;
  async run<R>(cost: Cost<N>, fn: (grant: Grant<N>) => R | PromiseLike<R>): Promise<Awaited<R>>;
  async run<R>(
    first: Cost<N> | ((grant: Grant<N>) => R | PromiseLike<R>),
    second?: (grant: Grant<N>) => R | PromiseLike<R>,
  ): Promise<Awaited<R>> {
    const fn = typeof first === "function" ? first : second;
    expectFunction(fn, "RateLimiter.run");
    const grant = await this.acquire(typeof first === "function" ? undefined : first);
    return await (fn as (grant: Grant<N>) => R | PromiseLike<R>)(grant);
  }

  /** Lets all wait for a while, as after a 429 with `Retry-After`. Never shortens a pause. */
  pauseFor(duration: Duration): void {
    this.pauseUntil(currentScope().loop.time() + expectDelay(duration, "RateLimiter.pauseFor"));
  }

  /** As {@link pauseFor}, until a moment of the loop's clock. */
  pauseUntil(when: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, when);
    this.serve();
  }

  /**
   * Learns from the headers of a response: `x-ratelimit-limit-requests`, `-remaining-requests` and `-reset-requests`
   * (and so for each budget's name), the same without a name or with another vendor's prefix, the standard `ratelimit`
   * and `ratelimit-policy`, and `retry-after`. What the service says is left is believed if it is less than what is
   * left here: others may use the same quota. A lower limit is taken over, a higher one is not.
   */
  learn(headers: HeaderSource): void {
    const now = currentScope().loop.time();
    const { retryAfter, quotas } = readRateLimitHeaders(headers, [...this.budgets.keys()]);
    for (const [name, { limit, remaining, resetIn }] of quotas) {
      const until = resetIn === undefined ? undefined : now + resetIn;
      this.budgets.get(name as N)?.learn(limit, remaining, until, now);
    }
    if (retryAfter !== undefined) this.pausedUntil = Math.max(this.pausedUntil, now + retryAfter);
    this.serve();
  }

  /** How full it is. */
  statistics(): RateLimiterStatistics<N> {
    const now = currentScope().loop.time();
    const budgets = Object.fromEntries(
      [...this.budgets].map(([name, budget]) => [name, { limit: budget.limit, available: budget.available(now) }]),
    ) as RateLimiterStatistics<N>["budgets"];
    return { waiting: this.waiters.size, pausedUntil: this.pausedUntil > now ? this.pausedUntil : null, budgets };
  }

  private readyAt(amounts: ReadonlyMap<N, number>, now: number): number {
    let moment = this.pausedUntil;
    for (const [name, amount] of amounts) moment = Math.max(moment, this.budget(name).readyAt(amount, now));
    return moment;
  }

  private take(amounts: ReadonlyMap<N, number>, now: number): Grant<N> {
    const corrections = new Map<N, (actual: number) => void>();
    for (const name of this.budgets.keys()) corrections.set(name, this.budget(name).take(amounts.get(name) ?? 0, now));
    return {
      adjust: (actual) => {
        for (const [name, amount] of this.amountsOf(actual)) corrections.get(name)?.(amount);
        this.serve();
      },
      refund: () => {
        for (const correct of corrections.values()) correct(0);
        this.serve();
      },
    };
  }

  /** Serves those whose turn has come, and sets the timer for the next. */
  private serve(): void {
    this.disarm();
    for (const request of this.waiters) {
      const { amounts, wait, loop } = request;
      const impossible = this.neverAllowed(amounts);
      const now = loop.time();
      if (impossible === undefined) {
        const moment = this.readyAt(amounts, now);
        if (moment > now) {
          this.serveAt(moment, loop);
          return;
        }
      }
      this.waiters.delete(request);
      if (impossible !== undefined) wait.reject(impossible);
      else wait.resolve(this.take(amounts, now));
    }
  }

  private serveAt(moment: number, loop: EventLoop): void {
    this.disarm();
    if (this.waiters.size > 0) this.timer = { timer: loop.addTimer(moment, () => this.serve()), loop };
  }

  private disarm(): void {
    if (this.timer !== null) this.timer.loop.removeTimer(this.timer.timer);
    this.timer = null;
  }

  private amounts(cost: Cost<N> | undefined): ReadonlyMap<N, number> {
    const amounts = this.amountsOf(cost ?? 1);
    const impossible = this.neverAllowed(amounts);
    if (impossible !== undefined) throw impossible;
    return amounts;
  }

  private amountsOf(cost: Cost<N>): ReadonlyMap<N, number> {
    const names = [...this.budgets.keys()];
    const [only] = names;
    if (typeof cost === "number") {
      if (names.length > 1) {
        throw new TypeError(`RateLimiter: expected a cost by budget (${names.join(", ")}), got ${describeValue(cost)}`);
      }
      return new Map([[only as N, expectAmount(cost, only as N)]]);
    }
    const entries = Object.entries<number>(cost as Readonly<Record<string, number>>);
    return new Map(entries.map(([name, amount]) => [name as N, expectAmount(amount, this.known(name))]));
  }

  private known(name: string): string {
    if (this.budgets.has(name as N)) return name;
    throw new TypeError(
      `RateLimiter: there is no budget ${JSON.stringify(name)}, only ${[...this.budgets.keys()].join(", ")}`,
    );
  }

  private neverAllowed(amounts: ReadonlyMap<N, number>): RangeError | undefined {
    for (const [name, amount] of amounts) {
      const { burst } = this.budget(name);
      if (amount > burst) {
        return new RangeError(
          `RateLimiter: a request for ${amount} of ${name} would wait for ever: at most ${burst} can be taken at once`,
        );
      }
    }
    return undefined;
  }

  private budget(name: N): RateBudget {
    return this.budgets.get(name) as RateBudget;
  }
}

function expectAmount(amount: number, name: string): number {
  if (typeof amount === "number" && amount >= 0 && amount < Number.POSITIVE_INFINITY) return amount;
  throw new RangeError(`RateLimiter: ${name}: expected a number from 0 on, got ${describeValue(amount)}`);
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
