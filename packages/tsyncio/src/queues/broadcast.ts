import { QueueFull, QueueShutDown } from "../errors.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue, expectLimit, isThenable } from "../kernel/values.ts";
import { WaitLine } from "../sync/wait-line.ts";
import { refuseBareTask } from "../tasks/bare-task.ts";
import { throwIfCancelled } from "../tasks/sleep.ts";
import { Subscription } from "./broadcast-subscription.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** Options of a {@link Broadcast}. */
export interface BroadcastOptions {
  /** How many of the latest items a new subscriber gets first: a whole number up to the capacity. Default: 0. */
  readonly replay?: number;
  /** How many items wait for each subscriber at most. From 1 on; default: 1000. */
  readonly capacity?: number;
  /**
   * What becomes of an item for which a subscriber has no room: everybody waits for that subscriber (`"wait"`, the
   * default), its oldest or this newest item is dropped for it alone, or it is sent away with a `QueueFull` after the
   * items that it has (`"error"`).
   */
  readonly overflow?: "wait" | "drop-oldest" | "drop-newest" | "error";
}

/** What {@link Broadcast.statistics} tells. */
export interface BroadcastStatistics {
  readonly subscribers: number;
  /** How many wait in `put()` for the slowest subscriber. */
  readonly putters: number;
  readonly shutDown: boolean;
}

const policies: readonly unknown[] = ["wait", "drop-oldest", "drop-newest", "error"];

/** Whether it takes items; once it does not, why. */
type State = { readonly kind: "open" } | { readonly kind: "shut"; readonly error: unknown };

/**
 * A queue of which each subscriber sees every item, from its subscription on (and, with `replay`, the latest before
 * it), in the order in which they were put. An item goes to all subscribers in one step or, if its `put` is cancelled
 * before that, to none. Without subscribers items are only kept for the replay.
 *
 *     const prices = new Broadcast<number>({ replay: 1, overflow: "drop-oldest", capacity: 10 });
 *     await taskGroup(async (group) => {
 *       group.createTask(async () => {
 *         for await (const price of prices.subscribe()) show(price);
 *       });
 *       for (const price of [9.5, 9.7, 9.6]) await prices.put(price);
 *       prices.shutdown();
 *     });
 *
 * Invariants: **B1** somebody waits in `put` only while a subscriber is full; **B2** nobody does once it is shut down.
 */
export class Broadcast<T> {
  private readonly replay: number;
  private readonly capacity: number;
  private readonly overflow: BroadcastOptions["overflow"];
  private readonly latest: RingBuffer<T> = new RingBuffer();
  private readonly subscriptions: Set<Subscription<T>> = new Set();
  /** How many subscribers have no room. */
  private full = 0;
  private readonly putters: WaitLine<void, T> = new WaitLine();
  private state: State = { kind: "open" };

  /** @throws RangeError for a capacity or replay out of range; TypeError for an unknown policy. */
  constructor(options: BroadcastOptions = {}) {
    this.capacity = expectLimit(options.capacity ?? 1_000, "Broadcast: capacity");
    this.replay = options.replay ?? 0;
    if (!Number.isInteger(this.replay) || this.replay < 0 || this.replay > this.capacity) {
      const got = describeValue(options.replay);
      throw new RangeError(`Broadcast: replay: expected a whole number from 0 to ${this.capacity}, got ${got}`);
    }
    this.overflow = options.overflow ?? "wait";
    if (!policies.includes(this.overflow)) {
      const got = describeValue(this.overflow);
      throw new TypeError(`Broadcast: overflow: expected one of ${policies.join(", ")}, got ${got}`);
    }
  }

  /**
   * Begins to take part: its items are kept until it reads them. It ends when its loop is left, when it is disposed of
   * (`using`), and when the scope of this call is cancelled. After a shutdown it yields the replay and ends.
   * @throws CancelledError in a cancelled scope.
   */
  subscribe(): Subscription<T> {
    throwIfCancelled();
    const subscription = new Subscription<T>(this.capacity, {
      filled: () => {
        this.full += 1;
      },
      freed: () => {
        this.full -= 1;
        this.serve();
      },
      left: () => this.subscriptions.delete(subscription),
    });
    // In turn through the ring: each is put back behind the others.
    for (let count = this.latest.size; count > 0; count -= 1) {
      const item = this.latest.pop();
      this.latest.push(item);
      subscription.offer(item);
    }
    if (this.state.kind === "shut") subscription.end(this.state.error);
    else this.subscriptions.add(subscription);
    return subscription;
  }

  /**
   * Gives an item to all subscribers; with the policy `"wait"`, once each of them has room, in the order of coming. A
   * cancelled `put` that waited has given it to nobody. Rejects with {@link QueueShutDown} after the shutdown, also if
   * it waits already, and with a TypeError for a task or promise, which would arrive as its result.
   */
  put(item: T): Promise<void> {
    if (!this.blocked) return immediate(() => this.publish(item, "put"));
    return suspend<void>("broadcast.put()", (wait) => {
      expectItem(item, "put");
      const leave = this.putters.join(wait, item);
      return () => void leave();
    });
  }

  /**
   * Gives an item to all subscribers without waiting.
   * @throws QueueFull if the policy is `"wait"` and one has no room; QueueShutDown; TypeError for a task or promise.
   */
  putNowait(item: T): void {
    if (this.blocked) throw new QueueFull(`putNowait: a subscriber holds its ${this.capacity} items already`);
    this.publish(item, "putNowait");
  }

  /**
   * Ends it: those who wait in `put` are thrown {@link QueueShutDown}; subscribers may read what they have, and then
   * their loops end, or throw `error` if one is given. Never waits; a second call does nothing.
   */
  shutdown(options: { readonly error?: unknown } = {}): void {
    if (this.state.kind === "shut") return;
    this.state = { kind: "shut", error: options.error };
    for (let place = this.putters.shift(); place !== null; place = this.putters.shift()) {
      place.waiter.reject(this.refusal("put"));
    }
    for (const subscription of this.subscriptions) subscription.end(options.error);
  }

  /** How it is at this moment. Never waits. */
  statistics(): BroadcastStatistics {
    return {
      subscribers: this.subscriptions.size,
      putters: this.putters.length,
      shutDown: this.state.kind === "shut",
    };
  }

  /** Whether a `put` would wait (B1). */
  private get blocked(): boolean {
    return this.state.kind === "open" && this.overflow === "wait" && this.full > 0;
  }

  /** Lets those in who wait for room. */
  private serve(): void {
    while (!this.blocked) {
      const place = this.putters.shift();
      if (place === null) return;
      if (place.waiter.resolve()) this.publish(place.demand, "put");
    }
  }

  private publish(item: T, method: string): void {
    expectItem(item, method);
    if (this.state.kind === "shut") throw this.refusal(method);
    if (this.replay > 0) {
      if (this.latest.size === this.replay) this.latest.pop();
      this.latest.push(item);
    }
    for (const subscription of this.subscriptions) {
      if (subscription.qsize() < this.capacity) subscription.offer(item);
      else if (this.overflow === "error") subscription.end(this.tooSlow());
      else if (this.overflow === "drop-oldest") subscription.replaceOldest(item);
      else subscription.skip();
    }
  }

  private tooSlow(): QueueFull {
    return new QueueFull(`a subscriber was too slow: ${this.capacity} items waited to be read, and one more came`);
  }

  private refusal(method: string): QueueShutDown {
    const { state } = this;
    const options = state.kind === "shut" && state.error !== undefined ? { cause: state.error } : undefined;
    return new QueueShutDown(`${method}: the broadcast is shut down`, options);
  }
}

function expectItem(item: unknown, method: string): void {
  if (!isThenable(item)) return;
  refuseBareTask(item, method);
  throw new TypeError(`${method}: the item is a promise, so readers would get its result: wrap it, as in { promise }`);
}
