import { CancelledError } from "../errors.ts";
import { IntrusiveList, type ListNode } from "../kernel/intrusive-list.ts";
import { currentTaskName } from "../kernel/storage.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { filterUnhandledCancellations } from "../kernel/unhandled-filter.ts";
import { expectFunction, expectLimit } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { throwIfCancelled } from "./sleep.ts";

/** A function that calls functions, so many at a time. Made by {@link limiter}. */
export interface Limiter {
  /**
   * Calls `fn` with `args` when its turn has come, and settles as that call does. The call runs in the caller's task:
   * cancelling the caller takes a call that waits out of the line, and ends the waits of one that runs.
   */
  <A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Promise<T>;
  /** How many calls run. */
  readonly activeCount: number;
  /** How many calls wait for their turn. */
  readonly pendingCount: number;
  /** How many may run at once. Raising it starts those at the head of the line; lowering it stops none that runs. */
  concurrency: number;
  /** Whether it is paused. */
  readonly paused: boolean;
  /** From now on no call starts; those that run go on. */
  pause(): void;
  /** Ends the pause, and starts what has waited, in order. */
  resume(): void;
  /** Waits until no call runs and none waits for its turn; at once if that is so. While paused, those who wait remain. */
  onIdle(): Promise<void>;
  /**
   * Sends away all calls that wait for their turn: they reject with a `CancelledError` with this reason. Those that run
   * go on. Returns how many were sent away.
   */
  clear(reason?: unknown): number;
}

/**
 * Makes a function that lets at most `concurrency` calls run at once, the others in the order of their coming. It is
 * called as p-limit's is.
 *
 *     const limit = limiter(5);
 *     const pages = await gather(urls.map((url) => () => limit(fetchPage, url)));
 *
 * Whoever has all the work in one list takes `gather` or `map` with a `limit`; a limiter is for calls that come from
 * several places. A call that calls the same limiter again, and waits for that, holds a place while it waits for one.
 *
 * @throws RangeError unless `concurrency` is a whole number from 1 on, or Infinity.
 */
export function limiter(concurrency: number): Limiter {
  const gate = new Gate(expectLimit(concurrency, "limiter"));
  const limit = <A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Promise<T> =>
    gate.call(fn, args);
  const allow = (count: number): void => gate.allow(count);
  return Object.defineProperties(limit, {
    activeCount: { get: () => gate.active },
    pendingCount: { get: () => gate.waiting },
    concurrency: { get: () => gate.concurrency, set: allow },
    paused: { get: () => gate.paused },
    pause: { value: () => gate.pause() },
    resume: { value: () => gate.resume() },
    onIdle: { value: () => gate.idle() },
    clear: { value: (reason?: unknown) => gate.clear(reason) },
  }) as Limiter;
}

/** A call that waits for its turn. */
class Caller implements ListNode<Caller> {
  readonly wait: Wait<void>;
  previous: Caller | null = null;
  next: Caller | null = null;

  constructor(wait: Wait<void>) {
    this.wait = wait;
  }
}

/** The places of a limiter, and the line before them. While places are free and it is not paused, the line is empty. */
class Gate {
  concurrency: number;
  active = 0;
  waiting = 0;
  paused = false;
  private readonly line: IntrusiveList<Caller> = new IntrusiveList();
  private readonly idlers: Set<Wait<void>> = new Set();

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  async call<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, args: A): Promise<T> {
    expectFunction(fn, "limiter");
    await this.enter();
    try {
      // The cancellation may have come after the place was given.
      throwIfCancelled();
      return await fn(...args);
    } finally {
      this.active -= 1;
      this.serve();
    }
  }

  /** Takes a place, in its turn. */
  private enter(): Promise<void> {
    if (this.hasRoom()) return immediate(() => void (this.active += 1));
    return suspend<void>("a place in a limiter", (wait) => {
      const caller = new Caller(wait);
      this.line.append(caller);
      this.waiting += 1;
      return () => {
        this.leave(caller);
        this.serve();
      };
    });
  }

  private hasRoom(): boolean {
    return !this.paused && this.active < this.concurrency;
  }

  private leave(caller: Caller): void {
    this.line.remove(caller);
    this.waiting -= 1;
  }

  private serve(): void {
    while (this.hasRoom() && this.line.first !== null) {
      const caller = this.line.first;
      this.leave(caller);
      this.active += 1;
      caller.wait.resolve();
    }
    if (this.active > 0 || this.waiting > 0) return;
    for (const idler of this.idlers) idler.resolve();
    this.idlers.clear();
  }

  allow(concurrency: number): void {
    this.concurrency = expectLimit(concurrency, "limiter: concurrency");
    this.serve();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.serve();
  }

  idle(): Promise<void> {
    if (this.active === 0 && this.waiting === 0) return immediate(() => undefined);
    return suspend<void>("an idle limiter", (wait) => {
      this.idlers.add(wait);
      return () => this.idlers.delete(wait);
    });
  }

  clear(reason: unknown): number {
    const callers = this.line.snapshot();
    if (callers.length === 0) return 0;
    filterUnhandledCancellations();
    const error = new CancelledError(
      { name: "a waiting call of a limiter", cancelled: true },
      reason,
      currentTaskName(),
    );
    for (const caller of callers) {
      this.leave(caller);
      caller.wait.reject(error);
    }
    this.serve();
    return callers.length;
  }
}
