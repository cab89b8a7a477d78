import { InvalidStateError } from "../errors.ts";
import { type Selectable, selectable, type Waiter } from "../kernel/selectable.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { type Lease, refuseUsing } from "./lease.ts";
import { WaitLine } from "./wait-line.ts";

/** What {@link Lock.statistics} tells. */
export interface LockStatistics {
  readonly locked: boolean;
  /** How many tasks wait for it. */
  readonly waiting: number;
}

/**
 * One holder at a time. Releasing hands the lock straight to the one who has waited longest, so nobody who comes
 * later can snatch it, and nobody waits in vain:
 *
 *     free ──acquire──▶ held by A ──release, nobody waits──▶ free
 *                           └──────release, B waits────────▶ held by B
 *
 * Not re-entrant: a holder that acquires again waits for itself. Use it with `using`:
 *
 *     const lock = new Lock();
 *     const withdraw = async (amount: number) => {
 *       using lease = await lock.acquire();
 *       await account.withdraw(amount);
 *     };
 *     await gather([() => withdraw(20), () => withdraw(30)]);
 */
export class Lock {
  static {
    refuseUsing(this);
  }

  /** The lease of the holder; null while the lock is free. Somebody waits only while it is held. */
  private holder: Lease | null = null;
  private readonly line: WaitLine<Lease, Lease> = new WaitLine();

  /**
   * Waits for the lock, first come, first served. A cancelled wait leaves the line; one that was given the lock
   * before the cancellation returns it.
   */
  acquire(): Promise<Lease> {
    if (this.holder === null) return immediate(() => this.take());
    return suspend<Lease>("lock.acquire()", (wait) => {
      const leave = this.line.join(wait, new LockLease(this));
      return () => void leave();
    });
  }

  /** Takes the lock if it is free; `undefined` otherwise. Never waits. */
  tryAcquire(): Lease | undefined {
    return this.holder === null ? this.take() : undefined;
  }

  /**
   * Gives the lock back, without its lease, which is void then.
   * @throws InvalidStateError if nobody holds it.
   */
  release(): void {
    if (this.holder === null) throw new InvalidStateError("lock.release(): nobody holds the lock");
    this.handOver();
  }

  /** Whether somebody holds it. */
  locked(): boolean {
    return this.holder !== null;
  }

  /** In a `select`: gets the lock, in its turn among those who wait. */
  acquiring(): Selectable<Lease> {
    return {
      [selectable]: () => ({
        poll: () => {
          const value = this.tryAcquire();
          return value === undefined ? undefined : { value };
        },
        subscribe: (waiter) => this.line.join(waiter, new LockLease(this)),
      }),
    };
  }

  /** How it is at this moment. Never waits. */
  statistics(): LockStatistics {
    return { locked: this.locked(), waiting: this.line.length };
  }

  /** Gives the lock back, and returns the lease under which it will be asked for again. @internal */
  giveUp(): Lease {
    const lease = this.holder as Lease;
    this.handOver();
    return lease;
  }

  /** Asks for the lock under a lease that was given up. The waiter is told when it is held. @internal */
  takeBack(lease: Lease, waiter: Waiter<Lease>): void {
    this.line.join(waiter, lease);
    if (this.holder === null) this.handOver();
  }

  /** Gives the lock back if this lease still holds it. @internal */
  releaseLease(lease: Lease): void {
    if (this.holder === lease) this.handOver();
  }

  private take(): Lease {
    this.holder = new LockLease(this);
    return this.holder;
  }

  private handOver(): void {
    for (let place = this.line.shift(); place !== null; place = this.line.shift()) {
      this.holder = place.demand;
      if (place.waiter.resolve(place.demand)) return;
    }
    this.holder = null;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<${this.constructor.name} ${this.locked() ? "locked" : "unlocked"}, waiting: ${this.line.length}>`;
  }
}

class LockLease implements Lease {
  private readonly lock: Lock;

  constructor(lock: Lock) {
    this.lock = lock;
  }

  release(): void {
    this.lock.releaseLease(this);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
