import type { Iteration } from "./iteration.ts";
import { end } from "../tasks/iterator-result.ts";
import type { Pull } from "./pull.ts";

/** Passes on the items for which the predicate holds. Works in the task of its reader. */
export class FilterStage<T> implements Pull<T> {
  private readonly upstream: Pull<T>;
  private readonly predicate: (item: T, index: number) => unknown;
  private index = 0;

  constructor(upstream: Pull<T>, predicate: (item: T, index: number) => unknown) {
    this.upstream = upstream;
    this.predicate = predicate;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const next = await this.upstream.next();
      if (next.done === true) return next;
      if (await this.predicate(next.value, this.index++)) return next;
    }
  }

  leave(): Promise<void> {
    return this.upstream.leave();
  }
}

/** Passes on the first items, and leaves upstream with the last of them, not at the read after it. */
export class TakeStage<T> implements Pull<T> {
  private readonly iteration: Iteration;
  private readonly upstream: Pull<T>;
  private left: number;

  constructor(iteration: Iteration, upstream: Pull<T>, count: number) {
    this.iteration = iteration;
    this.upstream = upstream;
    this.left = count;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.left === 0) return end;
    const next = await this.upstream.next();
    if (next.done === true) {
      this.left = 0;
      return end;
    }
    this.left -= 1;
    if (this.left === 0) this.iteration.leaveSoon(this.upstream);
    return next;
  }

  leave(): Promise<void> {
    return this.upstream.leave();
  }
}

/** Drops the first items. */
export class SkipStage<T> implements Pull<T> {
  private readonly upstream: Pull<T>;
  private left: number;

  constructor(upstream: Pull<T>, count: number) {
    this.upstream = upstream;
    this.left = count;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const next = await this.upstream.next();
      if (next.done === true || this.left === 0) return next;
      this.left -= 1;
    }
  }

  leave(): Promise<void> {
    return this.upstream.leave();
  }
}
