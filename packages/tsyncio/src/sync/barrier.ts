import { BrokenBarrierError } from "../errors.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue } from "../kernel/values.ts";
import { WaitLine } from "./wait-line.ts";

/** What {@link Barrier.statistics} tells. */
export interface BarrierStatistics {
  readonly parties: number;
  /** How many wait for the others. */
  readonly waiting: number;
  readonly broken: boolean;
}

/**
 * A place where a fixed number of tasks wait for each other, in rounds:
 *
 *     filling ──the last party arrives──▶ filling (the next round: nobody waits)
 *        │  ▲
 * abort()│  │reset()
 *        ▼  │
 *      broken      everybody who waits or comes is thrown BrokenBarrierError
 *
 * The last one to arrive settles all waits of its round at once. So, unlike in asyncio, there is no phase in which a
 * round drains and early arrivals for the next one must wait outside: they simply belong to the next round.
 *
 *     const barrier = new Barrier(2);
 *     const runner = async (name: string, warmUp: Duration) => {
 *       await sleep(warmUp);
 *       await barrier.wait(); // for the other one
 *       show(`${name} starts`);
 *     };
 *     await gather([() => runner("Ada", "1s"), () => runner("Grace", "3s")]);
 */
export class Barrier {
  /** How many tasks make a round. */
  readonly parties: number;
  private readonly line: WaitLine<number> = new WaitLine();
  private state: "filling" | "broken" = "filling";

  /** @throws RangeError unless `parties` is a whole number from 1 on. */
  constructor(parties: number) {
    if (!(Number.isInteger(parties) && parties >= 1)) {
      throw new RangeError(`Barrier: expected a whole number of parties from 1 on, got ${describeValue(parties)}`);
    }
    this.parties = parties;
  }

  /**
   * Waits until as many as there are parties wait. Resolves to a number from 0 on that differs for each of the round,
   * in the order of arrival, so that one of them can be chosen for what is to be done once. A cancelled wait leaves
   * the count. Rejects with {@link BrokenBarrierError} when the barrier is or gets broken, or is reset meanwhile.
   */
  wait(): Promise<number> {
    if (this.state === "broken") return immediate(() => this.refuse());
    if (this.line.length + 1 >= this.parties) return immediate(() => this.release());
    return suspend<number>("barrier.wait()", (wait) => {
      const leave = this.line.join(wait, undefined);
      return () => void leave();
    });
  }

  /** Starts over: those who wait are thrown {@link BrokenBarrierError}, and the barrier is no longer broken. */
  reset(): void {
    this.state = "filling";
    this.turnAway("the barrier was reset while this task waited");
  }

  /** Breaks the barrier until it is reset: those who wait, and all who come, are thrown {@link BrokenBarrierError}. */
  abort(): void {
    this.state = "broken";
    this.turnAway("the barrier was aborted while this task waited");
  }

  /** Whether it was aborted and not reset since. */
  get broken(): boolean {
    return this.state === "broken";
  }

  /** How many wait for the others. */
  get waiting(): number {
    return this.line.length;
  }

  /** How it is at this moment. Never waits. */
  statistics(): BarrierStatistics {
    return { parties: this.parties, waiting: this.waiting, broken: this.broken };
  }

  private release(): number {
    let position = 0;
    for (let place = this.line.shift(); place !== null; place = this.line.shift()) {
      if (place.waiter.resolve(position)) position += 1;
    }
    return position;
  }

  private refuse(): never {
    throw new BrokenBarrierError("barrier.wait(): the barrier is broken; reset() repairs it");
  }

  private turnAway(message: string): void {
    for (let place = this.line.shift(); place !== null; place = this.line.shift()) {
      place.waiter.reject(new BrokenBarrierError(message));
    }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<${this.constructor.name} ${this.state}, waiting: ${this.waiting}/${this.parties}>`;
  }
}
