/**
 * Where a queue keeps its items, and in which order they leave. The queue calls these methods synchronously and never
 * asks an empty store for an item.
 */
export interface ItemStore<T> {
  readonly size: number;
  push(item: T): void;
  /** Takes out the next item. */
  pop(): T;
  clear(): void;
  /** Throws if the item cannot be kept here. Called for every item, at the door of the queue. */
  check?(item: T): void;
}
