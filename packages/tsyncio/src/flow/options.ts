import type { Duration } from "../kernel/duration.ts";
import type { Measure } from "./measure.ts";
import type { StageStats } from "./stage-stats.ts";

/**
 * Options of {@link flow}.
 *
 *     const onStats = ({ name, out }: StageStats) => console.error(`${name}: ${out}`);
 *     await flow(urls, { name: "addresses", onStats }).map(fetchPage, { limit: 2 }).forEach(show);
 */
export interface FlowOptions {
  /** What the source is called in the statistics. Default: `"source"`. */
  readonly name?: string;
  /**
   * Told of each stage (the source, and all but `filter`, `take` and `skip`) when it opens, and then after each change
   * of its counters: with the same live object every time, so a display may as well keep it and look when it redraws.
   */
  readonly onStats?: (stats: StageStats) => void;
}

/** Options of all stages of a {@link Flow} that work by themselves. */
export interface StageOptions {
  /** What the stage and its tasks are called. Default: the function's name, or the operator's. */
  readonly name?: string;
}

/** Options of the stages that call a function, such as {@link Flow.map}. */
export interface CallOptions extends StageOptions {
  /** How many calls run at once. A whole number from 1 on. Default: 1. */
  readonly limit?: number;
  /** Whether results come in the order of the items, or in that of completion. Default: true. */
  readonly ordered?: boolean;
}

/** Options of {@link Flow.batch}: at least one of `items`, `size` and `maxWait`. */
export interface BatchOptions<T> extends StageOptions {
  /** A batch has at most this many items. Default: no bound. */
  readonly items?: number;
  /**
   * The sizes of a batch's items together are at most this much; an item that is larger comes alone. In the unit of
   * `measure`: bytes, tokens… Default: no bound.
   */
  readonly size?: number;
  /** The size of an item. Default: the bytes of a string (as UTF-8) or of binary data. */
  readonly measure?: Measure<T>;
  /** A batch that is not full goes on this long after its first item came. Default: it waits until it is full. */
  readonly maxWait?: Duration;
}

/** Options of {@link Flow.buffer}: at least one of `items` and `bytes`. */
export interface BufferOptions<T> extends StageOptions {
  /** How many items it holds. Default: no bound. */
  readonly items?: number;
  /** How many bytes it holds; an item that is larger passes alone. Default: no bound. */
  readonly bytes?: number;
  /** The bytes of an item. Default: those of a string (as UTF-8) or of binary data. */
  readonly measure?: Measure<T>;
}

/** Something through which calls go, in {@link MappedFlow.through}: `limiter(4)`, a rate limiter… */
export type Through = ((fn: () => Promise<unknown>) => Promise<unknown>) | { run(fn: () => Promise<unknown>): unknown };

/** A limiter that wants to know what a call costs, such as `RateLimiter`, in {@link MappedFlow.through}. */
export interface CostlyThrough<C> {
  run(cost: C, fn: () => Promise<unknown>): unknown;
}
