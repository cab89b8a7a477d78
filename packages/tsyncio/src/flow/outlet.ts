import { immediate, suspend } from "../kernel/suspend.ts";
import type { Wait } from "../kernel/wait.ts";
import { RingBuffer } from "../queues/ring-buffer.ts";
import { end, item } from "../tasks/iterator-result.ts";

type Reader<T> = Wait<IteratorResult<T, undefined>>;

/**
 * Where a stage lays down its results for the next one. Laying down never waits: the stage itself sees to it that
 * there is room, and is told when something is taken. Readers are served in the order of their coming; one that is
 * cancelled takes nothing.
 *
 *     open ──close()──▶ closed: what lies here can still be taken
 *       └────abort()──▶ closed, and what lay here is dropped
 */
export class Outlet<T> {
  private state: "open" | "closed" = "open";
  private readonly taken: (value: T) => void;
  private readonly readers: Set<Reader<T>> = new Set();
  private readonly items: RingBuffer<T> = new RingBuffer();

  /** @param taken Told of each item when a reader has it. */
  constructor(taken: (value: T) => void) {
    this.taken = taken;
  }

  /** How many items lie here. */
  get size(): number {
    return this.items.size;
  }

  /** Whether a reader waits for an item. */
  get wanted(): boolean {
    return this.readers.size > 0;
  }

  push(value: T): void {
    if (this.state === "closed") return;
    for (const reader of this.readers) {
      this.readers.delete(reader);
      if (!reader.resolve(item(value))) continue;
      this.taken(value);
      return;
    }
    this.items.push(value);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) return immediate(() => item(this.take()));
    if (this.state === "closed") return immediate(() => end);
    return suspend<IteratorResult<T, undefined>>("the next item of a flow", (wait) => {
      this.readers.add(wait);
      return () => this.readers.delete(wait);
    });
  }

  private take(): T {
    const value = this.items.pop();
    this.taken(value);
    return value;
  }

  /** No more will come. */
  close(): void {
    this.state = "closed";
    for (const reader of this.readers) {
      this.readers.delete(reader);
      reader.resolve(end);
    }
  }

  /** No more will come, and nobody wants what is here. */
  abort(): void {
    this.items.clear();
    this.close();
  }
}
