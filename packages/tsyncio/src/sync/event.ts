import { Latch } from "../kernel/latch.ts";

/** What {@link Event.statistics} tells. */
export interface EventStatistics {
  readonly set: boolean;
  /** How many tasks wait. */
  readonly waiting: number;
}

/**
 * A flag that tasks wait for. `set()` wakes all who wait, in the order of their coming, and whoever waits while it is
 * set goes on at once; `clear()` only changes the flag, so those whom a `set()` has woken stay woken. `wait()` is a
 * cancellation point also while it is set, so a loop around it can be ended. In a `select`: possible while it is set.
 *
 *     const ready = new Event();
 *     const waiter = createTask(async () => {
 *       await ready.wait();
 *       return "off we go";
 *     });
 *     ready.set();
 *     console.log(await waiter); // off we go
 */
export class Event extends Latch {
  /** How it is at this moment. Never waits. */
  statistics(): EventStatistics {
    return { set: this.isSet(), waiting: this.waiting };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<Event ${this.isSet() ? "set" : "unset"}, waiting: ${this.waiting}>`;
  }
}
