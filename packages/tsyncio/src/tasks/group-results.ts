import { immediate, suspend } from "../kernel/suspend.ts";
import type { Wait } from "../kernel/wait.ts";
import type { Task } from "./task.ts";

/** The values of a group's children as they end. A cancelled `next()` loses none. */
export class GroupResults implements AsyncIterableIterator<unknown> {
  private readonly values: unknown[] = [];
  private readonly readers: Set<Wait<void>> = new Set();
  private readonly finished: () => boolean;
  private readonly onReturn: () => void;

  constructor(finished: () => boolean, onReturn: () => void) {
    this.finished = finished;
    this.onReturn = onReturn;
  }

  childDone(task: Task<unknown>): void {
    if (task.status === "fulfilled") this.values.push(task.payload);
    for (const wait of this.readers) wait.resolve();
    this.readers.clear();
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    for (;;) {
      if (this.values.length > 0) return immediate(() => ({ done: false as const, value: this.values.shift() }));
      if (this.finished()) return immediate(() => this.end());
      await suspend<void>("the next result of a group", (wait) => {
        this.readers.add(wait);
        return () => this.readers.delete(wait);
      });
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    return this.end();
  }

  private end(): IteratorReturnResult<undefined> {
    this.onReturn();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
