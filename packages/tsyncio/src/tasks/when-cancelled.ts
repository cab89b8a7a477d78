import type { CancelledError } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import { suspend } from "../kernel/suspend.ts";

/**
 * Calls back, synchronously, when the current scope is cancelled; returns how to stop watching. For what listens on
 * behalf of a scope between two waits: a cancelled `for await` does not call `return()`. It is a wait that nobody
 * awaits, so it costs no listener, and moves to the heir when the scope is left.
 */
export function whenCancelled(label: string, callback: (error: CancelledError) => void): () => void {
  const home = currentScope();
  let stop = (): void => {};
  suspend<void>(label, (wait) => {
    stop = () => void wait.resolve();
    return () => callback(home.live.effective as CancelledError);
  }).catch(() => {});
  return stop;
}
