import type { ItemStore } from "./item-store.ts";

const smallest = 16;

/**
 * First in, first out, in O(1) at both ends: a ring whose capacity is a power of two. It doubles when it is full, and
 * halves when it is a quarter full, so a burst does not hold its memory for ever.
 *
 *     [ . . a b c d . . ]      head = 2, size = 4; the tail is at (head + size) mod capacity
 */
export class RingBuffer<T> implements ItemStore<T> {
  private slots: (T | undefined)[] = Array.from<T | undefined>({ length: smallest });
  private head = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(item: T): void {
    if (this.count === this.slots.length) this.resize(this.count * 2);
    this.slots[(this.head + this.count) & (this.slots.length - 1)] = item;
    this.count += 1;
  }

  pop(): T {
    const item = this.slots[this.head] as T;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count -= 1;
    if (this.slots.length > smallest && this.count <= this.slots.length >> 2) this.resize(this.slots.length >> 1);
    return item;
  }

  clear(): void {
    this.slots = Array.from<T | undefined>({ length: smallest });
    this.head = 0;
    this.count = 0;
  }

  private resize(capacity: number): void {
    const { slots, head, count } = this;
    const moved = Array.from<T | undefined>({ length: capacity });
    for (let index = 0; index < count; index += 1) moved[index] = slots[(head + index) & (slots.length - 1)];
    this.slots = moved;
    this.head = 0;
  }
}
