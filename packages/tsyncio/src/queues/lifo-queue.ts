import type { ItemStore } from "./item-store.ts";
import { Queue, type QueueOptions } from "./queue.ts";

/**
 * A {@link Queue} that gives the newest item first.
 *
 *     const queue = new LifoQueue<string>();
 *     await queue.put("first");
 *     await queue.put("second");
 *     console.log(await queue.get()); // second
 */
export class LifoQueue<T> extends Queue<T> {
  constructor(options: number | QueueOptions = {}) {
    super(options, new Stack<T>());
  }
}

class Stack<T> implements ItemStore<T> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.items.push(item);
  }

  pop(): T {
    return this.items.pop() as T;
  }

  clear(): void {
    this.items.length = 0;
  }
}
