import { suspend } from "../kernel/suspend.ts";
import type { Wait } from "../kernel/wait.ts";

/** Where one task waits until a condition holds. Whoever may have changed the condition calls {@link look}. */
export class Gate {
  private wait: Wait<void> | null = null;
  private condition: () => boolean = () => true;

  /** Waits, in the current scope, until the condition holds; does not wait if it does. */
  async until(label: string, condition: () => boolean): Promise<void> {
    while (!condition()) {
      await suspend<void>(label, (wait) => {
        this.wait = wait;
        this.condition = condition;
        return () => {
          this.wait = null;
        };
      });
    }
  }

  /** Lets the waiting task through if its condition holds now. */
  look(): void {
    const { wait } = this;
    if (wait === null || !this.condition()) return;
    this.wait = null;
    wait.resolve();
  }
}
