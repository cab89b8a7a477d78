/**
 * Where a queue keeps its items, and in which order they leave. The queue calls these methods synchronously and never
 * asks an empty store for an item.
 *
 *     class Stack<T> implements ItemStore<T> {
 *       private readonly items: T[] = [];
 *       get size() {
 *         return this.items.length;
 *       }
 *       push(item: T) {
 *         this.items.push(item);
 *       }
 *       pop() {
 *         return this.items.pop() as T;
 *       }
 *       clear() {
 *         this.items.length = 0;
 *       }
 *     }
 *
 *     const queue = new Queue<string>(10, new Stack());
 *     await queue.put("first");
 *     await queue.put("second");
 *     console.log(await queue.get()); // second
 */
export interface ItemStore<T> {
  /** How many items are here. */
  readonly size: number;
  /** Takes an item in. */
  push(item: T): void;
  /** Takes out the next item. */
  pop(): T;
  /** Drops all items. */
  clear(): void;
  /** Throws if the item cannot be kept here. Called for every item, at the door of the queue. */
  check?(item: T): void;
}
