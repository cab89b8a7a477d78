import { setImmediate } from "node:timers";
import { inEmptyContext } from "../kernel/empty-context.ts";
import { EventLoop } from "../kernel/event-loop.ts";
import { SeededRandom } from "./seeded-random.ts";

/**
 * # Virtual time, seeded order
 *
 * Everything that settles goes through {@link defer}, which puts it into a bag. One step takes one continuation out
 * of the bag, at random but by the seed, runs it, and lets all microtasks that follow from it run dry (one turn of
 * the host's loop), so a step is one wake-up with all its consequences. When the bag is empty, everybody waits, and
 * the clock jumps to the next timer. Not while somebody waits for the world outside (a foreign promise, a
 * `withSignal`): the simulation cannot know how long that takes in virtual time, so it stands still until it answers.
 *
 *     stepping ──bag empty, nobody outside──▶ clock jumps ──▶ stepping
 *        └──bag empty, somebody outside──▶ idle ──woken──▶ stepping
 */
export class SimulatedLoop extends EventLoop {
  override direct = false;
  private now = 0;
  private readonly random: SeededRandom;
  private readonly bag: (() => void)[] = [];
  private readonly turns: (() => void)[] = [];
  private foreign = 0;
  private phase: "idle" | "stepping" | "stopped" = "idle";
  /** Told when all wait, no timer is set and nobody outside can help. */
  onStuck: () => void = () => {};
  /** Those who wait until all tasks are blocked. */
  private readonly blockedWaiters: (() => void)[] = [];

  constructor(seed: number) {
    super();
    this.random = new SeededRandom(seed);
  }

  time(): number {
    return this.now;
  }

  recentTime(): number {
    return this.now;
  }

  count(): void {}

  countYield(): void {}

  override turnIfDue(): null {
    return null;
  }

  defer(continuation: () => void): void {
    this.bag.push(continuation);
    this.wake();
  }

  afterTurn(callback: () => void): void {
    this.turns.push(callback);
    this.wake();
  }

  hold(): void {}

  release(): void {}

  holdForeign(): void {
    this.foreign += 1;
  }

  releaseForeign(): void {
    this.foreign -= 1;
    this.wake();
  }

  /** Calls back when every task waits, before the clock jumps. */
  whenBlocked(callback: () => void): void {
    this.blockedWaiters.push(callback);
    this.wake();
  }

  /** Ends the simulation: nothing is stepped any more. */
  stop(): void {
    this.phase = "stopped";
  }

  protected rearm(): void {
    this.wake();
  }

  private wake(): void {
    if (this.phase !== "idle") return;
    this.phase = "stepping";
    this.scheduleStep();
  }

  private scheduleStep(): void {
    inEmptyContext(setImmediate, () => this.step());
  }

  private step(): void {
    if (this.phase === "stopped") return;
    if (this.runNext()) {
      this.scheduleStep();
      return;
    }
    this.phase = "idle";
    if (this.foreign === 0) this.onStuck();
  }

  /** Does the next thing; returns false if there is none now. */
  private runNext(): boolean {
    if (this.bag.length > 0) {
      const index = this.random.below(this.bag.length);
      const [continuation] = this.bag.splice(index, 1);
      continuation?.();
      return true;
    }
    const turn = this.turns.shift();
    if (turn !== undefined) {
      turn();
      return true;
    }
    const blocked = this.blockedWaiters.shift();
    if (blocked !== undefined) {
      blocked();
      return true;
    }
    const timer = this.timers.peek();
    if (timer === undefined || timer.when === Number.POSITIVE_INFINITY || this.foreign > 0) return false;
    this.now = Math.max(this.now, timer.when);
    this.fireTimers(this.now);
    return true;
  }
}
