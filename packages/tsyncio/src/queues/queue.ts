import { InvalidStateError, QueueEmpty, QueueFull, QueueShutDown } from "../errors.ts";
import { type Alternative, type Selectable, selectable, type Waiter } from "../kernel/selectable.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue, isThenable } from "../kernel/values.ts";
import { WaitLine } from "../sync/wait-line.ts";
import { refuseBareTask } from "../tasks/bare-task.ts";
import type { ItemStore } from "./item-store.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** Options of a {@link Queue}. */
export interface QueueOptions {
  /** How many items it holds at most: a whole number; 0 (the default) or Infinity means any number. */
  readonly maxsize?: number;
}

/** Options of {@link Queue.shutdown}. */
export interface ShutdownOptions {
  /** Whether the items that are still there are dropped, and counted as done. Default: false. */
  readonly immediate?: boolean;
  /** What readers are thrown once they have taken the last item, instead of a plain end. */
  readonly error?: unknown;
}

/** What {@link Queue.statistics} tells. */
export interface QueueStatistics {
  readonly size: number;
  readonly maxsize: number;
  /** How many wait for an item. */
  readonly getters: number;
  /** How many wait for room. */
  readonly putters: number;
  /** How many wait in `join()`. */
  readonly joiners: number;
  /** How many items were put and not yet marked done. */
  readonly unfinished: number;
  readonly shutDown: boolean;
}

/** Whether the queue takes items; once it does not, why. */
type State =
  | { readonly kind: "open" }
  | { readonly kind: "shut" }
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * # A queue between tasks
 *
 * First in, first out, with back-pressure: when `maxsize` items are there, `put` waits for room. Getters and putters
 * are served in the order of their coming. An item goes straight to the longest waiting getter if there is one; room
 * goes straight to the longest waiting putter, whose item then follows those that are there. Hence:
 *
 * - **Q1** Somebody waits for an item only while there is none.
 * - **Q2** Somebody waits for room only while the queue is full.
 * - **Q3** Nobody waits for either once it is shut down.
 *
 * A cancelled `get` leaves its item where it was, and the item of a cancelled `put` never gets in. One that was
 * served before the cancellation keeps what it was given.
 *
 * **Ending.** After `shutdown()` nothing more gets in, what is there can still be taken, and then readers are told:
 *
 *     open ──shutdown()────────▶ shut     get throws QueueShutDown, `for await` ends
 *       └────shutdown({error})─▶ failed   get and `for await` throw the error
 *
 * **Work queues.** `join()` waits until each item that was put has been marked with `taskDone()`; `for await` does not
 * mark them.
 *
 * In a `select` the queue stands for its next item, and `putting(item)` for putting one.
 *
 *     const queue = new Queue<string>(100);
 *     await queue.put("a");
 *     queue.shutdown();
 *     for await (const item of queue) console.log(item);
 */
export class Queue<T> implements Selectable<T>, AsyncIterable<T> {
  readonly maxsize: number;
  private readonly store: ItemStore<T>;
  private readonly getters: WaitLine<T> = new WaitLine();
  private readonly putters: WaitLine<void, T> = new WaitLine();
  private readonly joiners: WaitLine<void> = new WaitLine();
  private unfinished = 0;
  private state: State = { kind: "open" };

  /**
   * @param options The greatest number of items, or {@link QueueOptions}.
   * @param store Where the items wait, and in which order they leave. Default: first in, first out.
   * @throws RangeError for a `maxsize` that is negative, fractional or NaN.
   */
  constructor(options: number | QueueOptions = {}, store: ItemStore<T> = new RingBuffer<T>()) {
    const maxsize = typeof options === "number" ? options : (options.maxsize ?? 0);
    if (maxsize !== Number.POSITIVE_INFINITY && !(Number.isInteger(maxsize) && maxsize >= 0)) {
      const got = describeValue(maxsize);
      throw new RangeError(`${new.target.name}: expected a maxsize that is a whole number from 0 on, got ${got}`);
    }
    this.maxsize = maxsize;
    this.store = store;
  }

  /** How many items are there. */
  qsize(): number {
    return this.store.size;
  }

  /** Whether no item is there. */
  empty(): boolean {
    return this.store.size === 0;
  }

  /** Whether there is no room; never true without a `maxsize`. */
  full(): boolean {
    return this.maxsize > 0 && this.store.size >= this.maxsize;
  }

  /**
   * Puts an item, and waits for room if there is none. Rejects with {@link QueueShutDown} once the queue is shut down,
   * also if it waits already, and with a TypeError for a task or promise, which would arrive as its result.
   */
  put(item: T): Promise<void> {
    if (this.state.kind !== "open" || !this.full()) return immediate(() => this.insert(item, "put"));
    return suspend<void>("queue.put()", (wait) => {
      this.expectItem(item, "put");
      const leave = this.putters.join(wait, item);
      return () => void leave();
    });
  }

  /**
   * Puts an item without waiting.
   * @throws QueueFull if there is no room; QueueShutDown; TypeError for a task or promise.
   */
  putNowait(item: T): void {
    if (this.state.kind === "open" && this.full()) {
      throw new QueueFull(`putNowait: the queue holds its ${this.maxsize} items already`);
    }
    this.insert(item, "putNowait");
  }

  /**
   * In a `select`: puts an item, in its turn among those who wait for room.
   * @throws TypeError for a task or promise.
   */
  putting(item: T): Selectable<void> {
    this.expectItem(item, "putting");
    return {
      [selectable]: () => ({
        poll: () => {
          if (this.state.kind === "open" && this.full()) return undefined;
          return { value: this.insert(item, "putting") };
        },
        subscribe: (waiter) => this.putters.join(waiter, item),
      }),
    };
  }

  /**
   * Takes the next item, and waits for one if there is none. Once the queue is shut down and empty, rejects with
   * {@link QueueShutDown}, or with the error that was given to `shutdown`.
   */
  get(): Promise<T> {
    if (this.readable) return immediate(() => this.take("get"));
    return suspend<T>("queue.get()", (wait) => this.awaitItem(wait));
  }

  /**
   * Takes the next item without waiting.
   * @throws QueueEmpty if there is none; once the queue is shut down and empty, what `get` rejects with.
   */
  getNowait(): T {
    if (!this.readable) throw new QueueEmpty("getNowait: the queue is empty");
    return this.take("getNowait");
  }

  /**
   * Marks one item that was taken as done.
   * @throws InvalidStateError if more are marked than were put.
   */
  taskDone(): void {
    if (this.unfinished === 0) throw new InvalidStateError("taskDone() was called more often than items were put");
    this.finish(1);
  }

  /** Waits until every item that was put has been marked with `taskDone()`; does not wait if none is open. */
  join(): Promise<void> {
    if (this.unfinished === 0) return immediate(() => undefined);
    return suspend<void>("queue.join()", (wait) => {
      const leave = this.joiners.join(wait, undefined);
      return () => void leave();
    });
  }

  /**
   * Ends the queue: nothing more gets in, those who wait for room are thrown {@link QueueShutDown}, and readers may
   * take what is left. With `immediate` that is dropped. Never waits. A second call can only still drop what is left.
   */
  shutdown(options: ShutdownOptions = {}): void {
    if (this.state.kind === "open") {
      this.state = options.error === undefined ? { kind: "shut" } : { kind: "failed", error: options.error };
    }
    if (options.immediate === true) {
      const dropped = this.store.size;
      this.store.clear();
      // Some may have been marked as done before they were taken.
      this.finish(Math.min(dropped, this.unfinished));
    }
    for (let place = this.getters.shift(); place !== null; place = this.getters.shift()) {
      place.waiter.reject(this.endOfItems("get"));
    }
    for (let place = this.putters.shift(); place !== null; place = this.putters.shift()) {
      place.waiter.reject(this.refusal("put"));
    }
  }

  /**
   * The items until the queue is shut down and empty. Several loops may share one queue: each item goes to one of
   * them. A cancelled `next()` takes nothing, and leaving the loop leaves the queue as it is.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return {
      next: () => this.nextResult(),
      return: () => Promise.resolve(end),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  [selectable](): Alternative<T> {
    return {
      poll: () => (this.readable ? { value: this.take("select") } : undefined),
      subscribe: (waiter) => this.awaitItem(waiter),
    };
  }

  /** How it is at this moment. Never waits. */
  statistics(): QueueStatistics {
    return {
      size: this.store.size,
      maxsize: this.maxsize,
      getters: this.getters.length,
      putters: this.putters.length,
      joiners: this.joiners.length,
      unfinished: this.unfinished,
      shutDown: this.state.kind !== "open",
    };
  }

  /** Whether a reader need not wait: an item is there, or there will be none. */
  private get readable(): boolean {
    return this.store.size > 0 || this.state.kind !== "open";
  }

  /** The caller knows that there is room, if the queue is open. */
  private insert(item: T, method: string): void {
    this.expectItem(item, method);
    if (this.state.kind !== "open") throw this.refusal(method);
    if (!this.handOver(item)) this.store.push(item);
    this.unfinished += 1;
  }

  /** Gives an item to the one who has waited longest; returns false if nobody waits. */
  private handOver(item: T): boolean {
    for (let place = this.getters.shift(); place !== null; place = this.getters.shift()) {
      if (place.waiter.resolve(item)) return true;
    }
    return false;
  }

  /** The caller knows that the queue is readable. */
  private take(method: string): T {
    if (this.store.size === 0) throw this.endOfItems(method);
    const item = this.store.pop();
    this.admit();
    return item;
  }

  /** Gives room to those who wait for it. */
  private admit(): void {
    while (!this.full()) {
      const place = this.putters.shift();
      if (place === null) return;
      if (!place.waiter.resolve()) continue;
      this.unfinished += 1;
      this.store.push(place.demand);
    }
  }

  private awaitItem(waiter: Waiter<T>): () => void {
    const leave = this.getters.join(waiter, undefined);
    return () => void leave();
  }

  private nextResult(): Promise<IteratorResult<T, undefined>> {
    if (this.readable) return immediate(() => this.takeResult());
    return suspend<IteratorResult<T, undefined>>("queue.get()", (wait) =>
      this.awaitItem({
        resolve: (value) => wait.resolve({ done: false, value }),
        reject: (error) => (this.state.kind === "shut" ? wait.resolve(end) : wait.reject(error)),
      }),
    );
  }

  private takeResult(): IteratorResult<T, undefined> {
    if (this.store.size === 0 && this.state.kind === "shut") return end;
    return { done: false, value: this.take("for await") };
  }

  private finish(count: number): void {
    this.unfinished -= count;
    if (this.unfinished > 0) return;
    for (let place = this.joiners.shift(); place !== null; place = this.joiners.shift()) place.waiter.resolve();
  }

  private endOfItems(method: string): unknown {
    return this.state.kind === "failed" ? this.state.error : new QueueShutDown(`${method}: the queue is shut down`);
  }

  private refusal(method: string): QueueShutDown {
    const { state } = this;
    const options = state.kind === "failed" ? { cause: state.error } : undefined;
    return new QueueShutDown(`${method}: the queue is shut down`, options);
  }

  private expectItem(item: T, method: string): void {
    if (isThenable(item)) {
      refuseBareTask(item, method);
      throw new TypeError(
        `${method}: the item is a promise, so the receiver would get its result instead: wrap it, as in { promise }`,
      );
    }
    this.store.check?.(item);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { size, maxsize, getters, putters, unfinished, shutDown } = this.statistics();
    const parts = [`size: ${size}`];
    if (maxsize > 0) parts.push(`maxsize: ${maxsize}`);
    if (getters > 0) parts.push(`getters: ${getters}`);
    if (putters > 0) parts.push(`putters: ${putters}`);
    if (unfinished > 0) parts.push(`unfinished: ${unfinished}`);
    if (shutDown) parts.push("shut down");
    return `<${this.constructor.name} ${parts.join(", ")}>`;
  }
}

const end: IteratorReturnResult<undefined> = { done: true, value: undefined };
