import type { Alternative, Selectable } from "../kernel/selectable.ts";
import { selectable } from "../kernel/selectable.ts";
import { whenCancelled } from "../tasks/when-cancelled.ts";
import { Queue } from "./queue.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** What a subscription tells its broadcast. */
export interface SubscriptionObserver {
  /** It has no room any more. */
  filled(): void;
  /** It has room again. */
  freed(): void;
  /** It takes no more items. */
  left(): void;
}

/** The items of one subscriber, at most `capacity` of them, which the broadcast sees to. */
class Inbox<T> extends RingBuffer<T> {
  private readonly capacity: number;
  private readonly observer: SubscriptionObserver;

  constructor(capacity: number, observer: SubscriptionObserver) {
    super();
    this.capacity = capacity;
    this.observer = observer;
  }

  override push(item: T): void {
    super.push(item);
    if (this.size === this.capacity) this.observer.filled();
  }

  override pop(): T {
    const item = super.pop();
    if (this.size === this.capacity - 1) this.observer.freed();
    return item;
  }

  override clear(): void {
    const wasFull = this.size === this.capacity;
    super.clear();
    if (wasFull) this.observer.freed();
  }
}

/**
 * One subscriber's side of a {@link Broadcast}: its items, in order. It is read with `for await`, with `get()` or in a
 * `select`; a cancelled read takes nothing. Several readers share the items between them.
 */
export class Subscription<T>
  implements AsyncIterableIterator<T, undefined>, Selectable<T>, Disposable, AsyncDisposable
{
  private lost = 0;
  private readonly inbox: Inbox<T>;
  private readonly queue: Queue<T>;
  private readonly reader: AsyncIterableIterator<T, undefined>;
  private readonly observer: SubscriptionObserver;
  private readonly stopWatching: () => void;

  /** @internal */
  constructor(capacity: number, observer: SubscriptionObserver) {
    this.observer = observer;
    this.inbox = new Inbox(capacity, observer);
    this.queue = new Queue<T>({}, this.inbox);
    this.reader = this.queue[Symbol.asyncIterator]();
    this.stopWatching = whenCancelled("the end of a subscription to a broadcast", (error) => this.leave(error));
  }

  /** How many items were dropped because nobody read in time. */
  get dropped(): number {
    return this.lost;
  }

  /** How many items wait to be read. */
  qsize(): number {
    return this.queue.qsize();
  }

  /**
   * Takes the next item, and waits for one if there is none. Once all are read after the end, rejects with
   * `QueueShutDown`, or with the error that ended it.
   */
  get(): Promise<T> {
    return this.queue.get();
  }

  /** As {@link get}, but tells the end instead of throwing `QueueShutDown`. */
  next(): Promise<IteratorResult<T, undefined>> {
    return this.reader.next();
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.leave();
    return { done: true, value: undefined };
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
  }

  [selectable](): Alternative<T> {
    return this.queue[selectable]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Takes part no more, and drops what it has; readers that wait are told. */
  private leave(error?: unknown): void {
    this.observer.left();
    this.stopWatching();
    this.queue.shutdown({ immediate: true, error });
  }

  /** @internal */
  offer(item: T): void {
    this.queue.putNowait(item);
  }

  /** Takes an item in place of the oldest. @internal */
  replaceOldest(item: T): void {
    this.lost += 1;
    this.inbox.pop();
    this.queue.putNowait(item);
  }

  /** Lets an item pass by. @internal */
  skip(): void {
    this.lost += 1;
  }

  /** Gets no more items: those that it has can be read, and then its readers are told. @internal */
  end(error?: unknown): void {
    this.observer.left();
    this.stopWatching();
    this.queue.shutdown({ error });
  }
}
