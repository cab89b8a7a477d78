import { currentScope } from "../kernel/context.ts";
import { Latch } from "../kernel/latch.ts";
import { type Alternative, selectable } from "../kernel/selectable.ts";

/** What a soft stop sets. A signal can come at any time, so whoever waits for it keeps the process alive. */
export class StopLatch extends Latch {
  protected override get label(): string {
    return "the soft stop of the run";
  }

  override async wait(): Promise<void> {
    const { loop } = currentScope();
    loop.hold();
    try {
      await super.wait();
    } finally {
      loop.release();
    }
  }

  override [selectable](): Alternative<void> {
    const plain = super[selectable]();
    return {
      poll: () => plain.poll(),
      subscribe: (waiter) => {
        const { loop } = currentScope();
        loop.hold();
        const leave = plain.subscribe(waiter);
        return () => {
          leave();
          loop.release();
        };
      },
    };
  }
}
