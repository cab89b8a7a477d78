import { isCancelled, TimeoutError } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import type { Duration } from "../kernel/duration.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import type { Timer } from "../kernel/timer-heap.ts";
import { describeValue, expectFunction } from "../kernel/values.ts";
import { WaitLine } from "../sync/wait-line.ts";
import { expectDelay } from "./backoff.ts";
import { type BegunCall, ConcurrencySearch, type SearchPhase } from "./concurrency-search.ts";

/** Options of {@link AdaptiveLimiter}. */
export interface AdaptiveLimiterOptions {
  /** How many may be in flight at first. From `min` to `max`. Default: 4. */
  readonly initial?: number;
  /** The least that may be in flight. Default: 1. */
  readonly min?: number;
  /** The most that may be in flight. Default: 256. */
  readonly max?: number;
  /**
   * Whether an error that a call threw says that the service has too much to do. Default: a `TimeoutError`, and an error
   * whose `status` or `statusCode` is 429, 503 or 529.
   */
  readonly isOverload?: (error: unknown) => boolean;
  /** How long the service asked to be left alone, as in a `Retry-After`. Default: it did not say. */
  readonly retryAfter?: (error: unknown) => Duration | undefined;
}

/** What {@link AdaptiveLimiter.statistics} tells. */
export interface AdaptiveLimiterStatistics {
  /** How many may be in flight, as far as is known now. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** Calls that were refused, in all. */
  readonly refused: number;
  readonly phase: SearchPhase;
  /** Until when nobody begins because the service is closed, on the loop's clock; null if it is open. */
  readonly pausedUntil: number | null;
  /** How long a call takes while the service is not crowded, in milliseconds; undefined as long as that is not known. */
  readonly uncrowdedDuration: number | undefined;
}

/**
 * A place among those that an {@link AdaptiveLimiter} has in flight. It says once how the call ended; leaving the block of a `using` without a word
 * says nothing about the service, as after a cancellation or an error of the caller's own making.
 */
export interface AdaptiveLease extends Disposable {
  /** The call ended well. */
  succeeded(): void;
  /** The service had too much to do, and asked to be left alone for so long, if it said so. */
  refused(retryAfter?: Duration): void;
  /** The call ended in a way that says nothing about the service. */
  release(): void;
}

/**
 * Lets as many calls of a service run at once as it can take, and finds out by itself how many that are: from refusals
 * (429, 503), and from calls that take longer without more being done. See {@link ConcurrencySearch} for how.
 *
 *     const limiter = new AdaptiveLimiter();
 *     const answers = await map(questions, (question) => retry(() => limiter.run(() => ask(question))));
 *
 * Share one for all calls of a service. Those that must wait are served in the order of their coming. A refused call
 * rejects as it did without the limiter: whether it is made again is for `retry` to decide.
 */
export class AdaptiveLimiter {
  private readonly search: ConcurrencySearch;
  private readonly isOverload: (error: unknown) => boolean;
  private readonly retryAfter: (error: unknown) => Duration | undefined;
  private readonly line: WaitLine<AdaptiveLease, EventLoop> = new WaitLine();
  private inFlight = 0;
  /** How many of them began in the search's present epoch. */
  private ofEpoch = { epoch: 0, count: 0 };
  private refusals = 0;
  private reopening: { readonly timer: Timer; readonly loop: EventLoop } | null = null;

  /** @throws RangeError, TypeError for options that make no sense. */
  constructor(options: AdaptiveLimiterOptions = {}) {
    const min = expectCount(options.min ?? 1, "min");
    const max = expectCount(options.max ?? 256, "max");
    const initial = expectCount(options.initial ?? Math.min(Math.max(4, min), max), "initial");
    if (min > initial || initial > max) {
      throw new RangeError(
        `AdaptiveLimiter: expected min <= initial <= max, got min ${min}, initial ${initial} and max ${max}`,
      );
    }
    this.isOverload = options.isOverload ?? saysOverload;
    this.retryAfter = options.retryAfter ?? ((): undefined => undefined);
    expectFunction(this.isOverload, "AdaptiveLimiter: isOverload");
    expectFunction(this.retryAfter, "AdaptiveLimiter: retryAfter");
    this.search = new ConcurrencySearch(initial, min, max);
  }

  /**
   * Waits for its turn, calls `fn`, and learns from how it ends; resolves to its value or rejects with its error. A
   * cancellation ends the waiting at once, and `fn` as it ends everything; it says nothing about the service.
   */
  async run<T>(fn: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    expectFunction(fn, "AdaptiveLimiter.run");
    using lease = await this.acquire();
    try {
      const value = await fn();
      lease.succeeded();
      return value;
    } catch (error) {
      if (!isCancelled(error) && this.isOverload(error)) lease.refused(this.retryAfter(error));
      throw error;
    }
  }

  /**
   * Waits for a place, in its turn, for calls that do not fit into a function. A cancelled wait leaves the line and takes
   * no place; one that was given a place before the cancellation returns it.
   */
  acquire(): Promise<AdaptiveLease> {
    const { loop } = currentScope();
    if (this.line.first === null && this.admits(loop)) return immediate(() => this.begin(loop));
    return suspend<AdaptiveLease>("a place of an adaptive limiter", (wait) => {
      const leave = this.line.join(wait, loop);
      this.serve();
      return () => void leave();
    });
  }

  /** How it is at this moment. Never waits. */
  statistics(): AdaptiveLimiterStatistics {
    const { limit, phase, pausedUntil, baseline } = this.search;
    const { inFlight, line, refusals } = this;
    return {
      limit,
      inFlight,
      waiting: line.length,
      refused: refusals,
      phase,
      pausedUntil,
      uncrowdedDuration: baseline,
    };
  }

  private admits(loop: EventLoop): boolean {
    const { epoch } = this.search;
    if (this.ofEpoch.epoch !== epoch) this.ofEpoch = { epoch, count: 0 };
    return this.search.admits(loop.time(), this.inFlight, this.ofEpoch.count);
  }

  private begin(loop: EventLoop): AdaptiveLease {
    this.inFlight += 1;
    this.ofEpoch.count += 1;
    const saturated = this.line.length > 0 || this.inFlight >= this.search.limit;
    const call = this.search.begin(this.inFlight, saturated);
    const start = loop.time();
    return new Place({
      succeeded: () => this.search.succeeded(call, loop.time() - start),
      refused: (retryAfter) => {
        this.refusals += 1;
        // While others wait, whoever leaves is replaced at once. Otherwise some may have left since this call began.
        const inFlight = this.line.length > 0 ? this.inFlight : Math.max(this.inFlight, call.level);
        this.search.refused(call, inFlight, loop.time(), retryAfter);
      },
      ended: () => this.ended(call),
    });
  }

  private ended(call: BegunCall): void {
    this.inFlight -= 1;
    if (call.epoch === this.ofEpoch.epoch) this.ofEpoch.count -= 1;
    this.serve();
  }

  /** Serves those whose turn has come. While the service is closed, the next one begins when the pause is over. */
  private serve(): void {
    this.disarm();
    for (let first = this.line.first; first !== null; first = this.line.first) {
      const loop = first.demand;
      if (!this.admits(loop)) {
        const until = this.search.pausedUntil;
        if (until !== null && until > loop.time()) {
          this.reopening = { timer: loop.addTimer(until, () => this.serve()), loop };
        }
        return;
      }
      this.line.shift();
      first.waiter.resolve(this.begin(loop));
    }
  }

  private disarm(): void {
    if (this.reopening !== null) this.reopening.loop.removeTimer(this.reopening.timer);
    this.reopening = null;
  }
}

/** What a place does when its call ends. */
interface Ending {
  succeeded(): void;
  refused(retryAfter: number | undefined): void;
  ended(): void;
}

class Place implements AdaptiveLease {
  /** Null once it has been said how the call ended. */
  private ending: Ending | null;

  constructor(ending: Ending) {
    this.ending = ending;
  }

  succeeded(): void {
    this.end((ending) => ending.succeeded());
  }

  refused(retryAfter?: Duration): void {
    const delay = retryAfter === undefined ? undefined : expectDelay(retryAfter, "AdaptiveLimiter: retryAfter");
    this.end((ending) => ending.refused(delay));
  }

  release(): void {
    this.end(() => {});
  }

  [Symbol.dispose](): void {
    this.release();
  }

  private end(verdict: (ending: Ending) => void): void {
    const { ending } = this;
    if (ending === null) return;
    this.ending = null;
    verdict(ending);
    ending.ended();
  }
}

const overloadStatuses: ReadonlySet<unknown> = new Set([429, 503, 529]);

function saysOverload(error: unknown): boolean {
  if (error instanceof TimeoutError) return true;
  if (typeof error !== "object" || error === null) return false;
  const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown };
  return overloadStatuses.has(status) || overloadStatuses.has(statusCode);
}

function expectCount(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`AdaptiveLimiter: ${what}: expected a whole number from 1 on, got ${describeValue(value)}`);
}
