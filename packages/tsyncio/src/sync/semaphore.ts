import { type Selectable, selectable, type Waiter } from "../kernel/selectable.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue } from "../kernel/values.ts";
import { type Lease, refuseUsing } from "./lease.ts";
import { WaitLine } from "./wait-line.ts";

/** What {@link Semaphore.statistics} tells. */
export interface SemaphoreStatistics {
  /** How many permits are free. Those may be more than zero while somebody waits, who wants still more. */
  readonly free: number;
  /** How many tasks wait for permits. */
  readonly waiting: number;
}

/**
 * A number of permits. Strictly first come, first served: permits go to the one who has waited longest, and while she
 * wants more than there are, nobody behind her gets any, however few he wants. So nobody starves.
 *
 *     const memory = new Semaphore(64); // megabytes
 *     const convert = async (megabytes: number) => {
 *       using lease = await memory.acquire(megabytes);
 *       await sleep("1s");
 *     };
 *     await gather([() => convert(48), () => convert(32), () => convert(16)]);
 */
export class Semaphore {
  static {
    refuseUsing(this);
  }

  /** The permits that nobody holds. While somebody waits, they are too few for the first in the line. */
  private free: number;
  private readonly line: WaitLine<Lease, number> = new WaitLine();

  /**
   * @param permits How many there are at first: a whole number from 0 on, or Infinity. Default: 1.
   * @throws RangeError for anything else.
   */
  constructor(permits = 1) {
    if (permits !== Number.POSITIVE_INFINITY && !(Number.isInteger(permits) && permits >= 0)) {
      const got = describeValue(permits);
      throw new RangeError(`${new.target.name}: expected a whole number of permits from 0 on, or Infinity, got ${got}`);
    }
    this.free = permits;
  }

  /**
   * Waits for `permits`, in its turn. A cancelled wait leaves the line and takes none; one that was given its permits
   * before the cancellation returns them. Rejects with a RangeError unless `permits` is a whole number from 1 on.
   */
  acquire(permits = 1): Promise<Lease> {
    if (this.available(permits)) return immediate(() => this.take(permits));
    return suspend<Lease>("semaphore.acquire()", (wait) => {
      this.expectPermits(permits, "acquire");
      return this.join(wait, permits);
    });
  }

  /**
   * Takes `permits` if that needs no waiting; `undefined` otherwise, also if others wait.
   * @throws RangeError unless `permits` is a whole number from 1 on.
   */
  tryAcquire(permits = 1): Lease | undefined {
    this.expectPermits(permits, "tryAcquire");
    return this.available(permits) ? this.take(permits) : undefined;
  }

  /**
   * Adds permits, which need not have been acquired before. Whoever has a lease releases that instead.
   * @throws RangeError unless `permits` is a whole number from 1 on.
   */
  release(permits = 1): void {
    this.expectPermits(permits, "release");
    this.free += permits;
    this.serve();
  }

  /** Whether `acquire()` would wait: no permit is free, or others wait already. */
  locked(): boolean {
    return !this.available(1);
  }

  /**
   * In a `select`: gets `permits`, in its turn among those who wait.
   * @throws RangeError unless `permits` is a whole number from 1 on.
   */
  acquiring(permits = 1): Selectable<Lease> {
    this.expectPermits(permits, "acquiring");
    return {
      [selectable]: () => ({
        poll: () => (this.available(permits) ? { value: this.take(permits) } : undefined),
        subscribe: (waiter) => this.join(waiter, permits),
      }),
    };
  }

  /** How it is at this moment. Never waits. */
  statistics(): SemaphoreStatistics {
    return { free: this.free, waiting: this.line.length };
  }

  /** @internal */
  protected expectPermits(permits: number, method: string): void {
    if (Number.isInteger(permits) && permits >= 1) return;
    const got = describeValue(permits);
    throw new RangeError(
      `${this.constructor.name}.${method}: expected a whole number of permits from 1 on, got ${got}`,
    );
  }

  private available(permits: number): boolean {
    return this.line.first === null && permits <= this.free && permits >= 1 && Number.isInteger(permits);
  }

  private take(permits: number): Lease {
    this.free -= permits;
    return new PermitLease(this, permits);
  }

  private join(waiter: Waiter<Lease>, permits: number): () => void {
    const leave = this.line.join(waiter, permits);
    // Whoever stood behind may want less than the one who leaves.
    return () => {
      if (leave()) this.serve();
    };
  }

  private serve(): void {
    for (let place = this.line.first; place !== null && place.demand <= this.free; place = this.line.first) {
      this.line.shift();
      this.free -= place.demand;
      if (!place.waiter.resolve(new PermitLease(this, place.demand))) this.free += place.demand;
    }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<${this.constructor.name} free: ${this.free}, waiting: ${this.line.length}>`;
  }
}

class PermitLease implements Lease {
  private readonly semaphore: Semaphore;
  /** Zero once they were given back. */
  private permits: number;

  constructor(semaphore: Semaphore, permits: number) {
    this.semaphore = semaphore;
    this.permits = permits;
  }

  release(): void {
    const { permits } = this;
    if (permits === 0) return;
    this.permits = 0;
    this.semaphore.release(permits);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
