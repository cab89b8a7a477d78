import { currentScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import { immediate, suspend } from "../kernel/suspend.ts";

/**
 * Ticks for ever, once each `period`: a loop over it runs at `period`, `2 * period`… after the call of `interval`,
 * however long its body takes, so it does not drift. It yields the number of the tick, counted from 1.
 *
 *     for await (const tick of interval("30s")) {
 *       await heartbeat();
 *       if (tick === 3) break;
 *     }
 *
 * A tick that passes while the body is busy is missed for good: the next one is the first whose moment is still to
 * come (or just now), and the gap in the numbers tells how many were missed. No two ticks are made up for in a row. A
 * `next()` that is cancelled loses nothing; the iterator goes on with the next tick. `next()` keeps the process alive
 * while it waits; leaving the loop drops its timer at once.
 *
 * @throws RangeError unless the period is a duration above zero, and not endless.
 */
export function interval(period: Duration): AsyncIterableIterator<number, undefined> {
  const length = toMilliseconds(period, "interval");
  if (length > 0 && length < Number.POSITIVE_INFINITY) return new Interval(length);
  throw new RangeError(`interval: expected a duration above zero, and not endless, got ${period}`);
}

/** How much of a period a moment may be off by because of the rounding of floating-point numbers. */
const rounding = 1e-9;

class Interval implements AsyncIterableIterator<number, undefined> {
  private readonly period: number;
  private readonly loop: EventLoop;
  private readonly start: number;
  private last = 0;
  private closed = false;
  /** Ends each `next()` that waits. */
  private readonly readers: Set<() => void> = new Set();

  constructor(period: number) {
    this.period = period;
    this.loop = currentScope().loop;
    this.start = this.loop.time();
  }

  next(): Promise<IteratorResult<number, undefined>> {
    if (this.closed) return immediate(() => ({ done: true as const, value: undefined }));
    return suspend<IteratorResult<number, undefined>>(`the next tick of interval(${this.period})`, (wait) => {
      const tick = this.nextTick();
      const leave = (): void => {
        this.readers.delete(close);
        this.loop.removeTimer(timer);
      };
      const close = (): void => {
        leave();
        wait.resolve({ done: true, value: undefined });
      };
      const timer = this.loop.addTimer(this.start + tick * this.period, () => {
        leave();
        this.last = Math.max(this.last, tick);
        wait.resolve({ done: false, value: tick });
      });
      this.readers.add(close);
      return leave;
    });
  }

  /** The first tick after the last one whose moment has not passed. */
  private nextTick(): number {
    const passed = (this.loop.time() - this.start) / this.period;
    return Math.max(this.last + 1, Math.ceil(passed - rounding));
  }

  async return(): Promise<IteratorResult<number, undefined>> {
    this.closed = true;
    for (const close of this.readers) close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
