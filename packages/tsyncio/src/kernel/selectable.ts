/** Takes a value, or says that it cannot: it has one already. */
export interface Waiter<T> {
  resolve(value: T): boolean;
  reject(error: unknown): boolean;
}

/** One of the things that `select` can choose. */
export interface Alternative<T> {
  /** Does it now, if that is possible without waiting; throws if it can never be done. */
  poll(): { readonly value: T } | undefined;
  /**
   * Registers somebody who takes the next chance, and returns how to leave. A chance that is offered to a waiter
   * which refuses it goes to the next one.
   */
  subscribe(waiter: Waiter<T>): () => void;
}

/** The key under which an object offers itself to `select`. */
export const selectable: unique symbol = Symbol.for("tsyncio.selectable") as never;

/** What can stand in a {@link select}: queues, events, tasks, `after("1s")`, `lock.acquiring()`… */
export interface Selectable<T> {
  [selectable](): Alternative<T>;
}
