import { InvalidStateError } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import type { Selectable, Waiter } from "../kernel/selectable.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue, expectFunction, isThenable } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { type Lease, refuseUsing } from "./lease.ts";
import { Lock } from "./lock.ts";
import { type Place, WaitLine } from "./wait-line.ts";

/** What {@link Condition.statistics} tells. */
export interface ConditionStatistics {
  readonly locked: boolean;
  /** How many wait for a notification. */
  readonly waiting: number;
  /** How many wait for the lock; among them those who were notified. */
  readonly waitingForLock: number;
}

type Truthy<T> = Exclude<T, false | 0 | 0n | "" | null | undefined>;

/**
 * # A lock, and a way to wait, while holding it, for what others do under it
 *
 *     const condition = new Condition();
 *     const jobs: string[] = [];
 *     const worker = createTask(async () => {
 *       using lease = await condition.acquire();
 *       const job = await condition.waitFor(() => jobs.shift());
 *       return job;
 *     });
 *     {
 *       using lease = await condition.acquire();
 *       jobs.push("sweep the floor");
 *       condition.notify();
 *     }
 *     console.log(await worker); // sweep the floor
 *
 * `wait()` gives the lock back, waits for a notification, and has the lock again when it returns or throws:
 *
 *     holding ──wait()──▶ waiting ──notify()──▶ in the lock's line ──▶ holding, returns
 *                            └──cancelled─────▶ in the lock's line ──▶ holding, throws the cancellation
 *
 * A notification puts the waiter straight into the lock's line, so those who were notified go on in their order. The
 * second wait, for the lock, outlives a cancellation: the caller's block is about to use, or give back, what the lock
 * guards. One that was notified and then cancelled before it has the lock throws, and its notification goes to the
 * next who waits, so none is lost. The lease that was held before the wait is the one that is held after it.
 *
 * Several conditions may share one lock. For a queue or a flag, `Queue` and `Event` are simpler.
 */
export class Condition {
  static {
    refuseUsing(this);
  }

  /** The lock under which everything here happens. */
  readonly lock: Lock;
  private readonly line: WaitLine<void, Relock> = new WaitLine();

  constructor(lock: Lock = new Lock()) {
    if (!(lock instanceof Lock)) throw new TypeError(`Condition: expected a Lock, got ${describeValue(lock)}`);
    this.lock = lock;
  }

  /** As {@link Lock.acquire}. */
  acquire(): Promise<Lease> {
    return this.lock.acquire();
  }

  /** As {@link Lock.tryAcquire}. */
  tryAcquire(): Lease | undefined {
    return this.lock.tryAcquire();
  }

  /** As {@link Lock.acquiring}. */
  acquiring(): Selectable<Lease> {
    return this.lock.acquiring();
  }

  /** As {@link Lock.release}. */
  release(): void {
    this.lock.release();
  }

  /** As {@link Lock.locked}. */
  locked(): boolean {
    return this.lock.locked();
  }

  /**
   * Gives the lock back, waits until it is notified, and takes the lock again, also when it is cancelled. Call it in a
   * loop that looks whether what was waited for is so, or use {@link waitFor}. Rejects with an InvalidStateError if
   * nobody holds the lock.
   */
  async wait(): Promise<void> {
    const relock = new Relock(this.lock);
    try {
      await suspend<void>("condition.wait()", (wait) => {
        this.expectLocked("wait");
        relock.giveUp();
        const leave = this.line.join(wait, relock);
        return () => {
          leave();
          relock.request();
        };
      });
    } catch (error) {
      await relock.granted();
      throw error;
    }
    await relock.granted();
    const { effective } = currentScope();
    if (effective === null) return;
    this.wake(1);
    throw effective;
  }

  /**
   * Waits until `predicate`, called under the lock, gives something truthy, and resolves to that. It is called at once
   * and after each notification; it must not be async.
   */
  async waitFor<T>(predicate: () => T): Promise<Truthy<T>> {
    expectFunction(predicate, "condition.waitFor");
    await immediate(() => this.expectLocked("waitFor"));
    for (;;) {
      const value = predicate();
      if (isThenable(value)) {
        throw new TypeError("condition.waitFor: the predicate is async, so its promise would always count as true");
      }
      if (value) return value as Truthy<T>;
      await this.wait();
    }
  }

  /**
   * Wakes the `count` tasks that have waited longest, or as many as there are; they go on one by one as the lock gets
   * free. Never waits.
   * @throws InvalidStateError if nobody holds the lock; RangeError for a count that is negative or fractional.
   */
  notify(count = 1): void {
    this.expectLocked("notify");
    if (count !== Number.POSITIVE_INFINITY && !(Number.isInteger(count) && count >= 0)) {
      throw new RangeError(`condition.notify: expected a whole number from 0 on, got ${describeValue(count)}`);
    }
    this.wake(count);
  }

  /** Wakes all who wait now. See {@link notify}. */
  notifyAll(): void {
    this.expectLocked("notifyAll");
    this.wake(this.line.length);
  }

  /** How it is at this moment. Never waits. */
  statistics(): ConditionStatistics {
    return {
      locked: this.lock.locked(),
      waiting: this.line.length,
      waitingForLock: this.lock.statistics().waiting,
    };
  }

  private wake(count: number): void {
    let left = count;
    while (left > 0) {
      const place: Place<void, Relock> | null = this.line.shift();
      if (place === null) return;
      if (!place.waiter.resolve()) continue;
      place.demand.request();
      left -= 1;
    }
  }

  private expectLocked(method: string): void {
    if (this.lock.locked()) return;
    throw new InvalidStateError(`condition.${method}(): acquire the lock first, nobody holds it`);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<${this.constructor.name} ${this.locked() ? "locked" : "unlocked"}, waiting: ${this.line.length}>`;
  }
}

type RelockState =
  | { readonly kind: "holding" }
  | { readonly kind: "given up"; readonly lease: Lease }
  | { readonly kind: "requested"; waiting: Wait<void> | null };

/** How one waiter of a condition gives the lock up and gets it back: holding → given up → requested → holding. */
class Relock implements Waiter<Lease> {
  private readonly lock: Lock;
  private state: RelockState = { kind: "holding" };

  constructor(lock: Lock) {
    this.lock = lock;
  }

  giveUp(): void {
    this.state = { kind: "given up", lease: this.lock.giveUp() };
  }

  /** Asks for the lock; from now on the place in its line is kept, whether or not the waiter runs already. */
  request(): void {
    if (this.state.kind !== "given up") return;
    const { lease } = this.state;
    this.state = { kind: "requested", waiting: null };
    this.lock.takeBack(lease, this);
  }

  /** Waits until the lock is held again. */
  async granted(): Promise<void> {
    const { state } = this;
    if (state.kind !== "requested") return;
    await suspend<void>(
      "the lock of a condition",
      (wait) => {
        state.waiting = wait;
      },
      { uncancellable: true },
    );
  }

  resolve(): boolean {
    const { state } = this;
    this.state = { kind: "holding" };
    if (state.kind === "requested") state.waiting?.resolve();
    return true;
  }

  reject(): boolean {
    return false;
  }
}
