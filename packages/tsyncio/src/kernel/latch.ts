import { type Alternative, type Selectable, selectable, type Waiter } from "./selectable.ts";
import { immediate, suspend } from "./suspend.ts";

/** A flag to wait for: the mechanism of `Event`, and of what sets one below the floor of `sync/`. */
export class Latch implements Selectable<void> {
  private flag = false;
  private readonly waiters: Set<Waiter<void>> = new Set();

  /** Whether it is set. */
  isSet(): boolean {
    return this.flag;
  }

  /** Sets it, and wakes all who wait, in the order of their coming. */
  set(): void {
    if (this.flag) return;
    this.flag = true;
    for (const waiter of this.waiters) {
      this.waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Clears it. Those who were woken by a `set()` before stay woken. */
  clear(): void {
    this.flag = false;
  }

  /** Waits until it is set; does not wait if it is. */
  wait(): Promise<void> {
    if (this.flag) return immediate(() => undefined);
    return suspend<void>(this.label, (wait) => {
      this.waiters.add(wait);
      return () => this.waiters.delete(wait);
    });
  }

  /** How many wait. */
  get waiting(): number {
    return this.waiters.size;
  }

  protected get label(): string {
    return "an event";
  }

  /** In a `select`: possible while it is set. */
  [selectable](): Alternative<void> {
    return {
      poll: () => (this.flag ? { value: undefined } : undefined),
      subscribe: (waiter) => {
        this.waiters.add(waiter);
        return () => this.waiters.delete(waiter);
      },
    };
  }
}
