import { currentScope } from "./context.ts";
import { Wait } from "./wait.ts";

/** Options of {@link suspend}. */
export interface SuspendOptions {
  /**
   * Whether the wait outlives a cancellation: for joins that must, such as a group awaiting its children. Whoever
   * uses it sees to it that the wait ends soon after the cancellation. Default: false.
   */
  readonly uncancellable?: boolean;
}

/**
 * # The one way to wait
 *
 * Everything that waits in tsyncio is built on this function: sleeping, locks, queues, joining tasks. So
 * cancellation, introspection, virtual time, fairness and seeded scheduling are written once, here.
 *
 * It turns any callback API into a cancellable wait. If the current scope is cancelled, `start` is not called and
 * the promise rejects with the `CancelledError` in force. Otherwise `start` is called at once, in the caller's
 * context, with a new {@link Wait}; the promise settles when somebody calls `wait.resolve` or `wait.reject`. The
 * function that `start` returns is the clean-up: it runs when the wait is *cancelled* (leave a queue, drop a timer),
 * synchronously and after the wait is settled, and not when the wait ends in another way. If `start` throws, the
 * promise rejects with that error.
 *
 *     const press = await suspend<string>("a press of the button", (wait) => {
 *       const listener = (side: string) => wait.resolve(side);
 *       button.once("press", listener);
 *       return () => button.off("press", listener);
 *     });
 *
 * @param label What is waited for, in words; shown by the inspection tools.
 */
export function suspend<T>(
  label: string,
  start: (wait: Wait<T>) => void | (() => void),
  options?: SuspendOptions,
): Promise<Awaited<T>> {
  const scope = currentScope();
  const { loop } = scope;
  const uncancellable = options?.uncancellable === true;
  loop.count();
  if (scope.effective !== null && !uncancellable) return loop.rejected(scope.effective);
  const wait = new Wait<T>(scope, label, uncancellable);
  try {
    const cleanup = start(wait);
    if (cleanup !== undefined) wait.cleanUpWith(cleanup, loop);
  } catch (error) {
    wait.reject(error);
  }
  return wait.promise;
}

/**
 * An operation that need not wait: a promise of `value`, unless the current scope is cancelled. It counts against
 * the fairness budget like one that waits. `act` is called only if the scope is not cancelled.
 */
export function immediate<T>(act: () => T): Promise<Awaited<T>> {
  const scope = currentScope();
  const { loop } = scope;
  loop.count();
  if (scope.effective !== null) return loop.rejected(scope.effective);
  try {
    return loop.settled(act());
  } catch (error) {
    return loop.rejected(error);
  }
}
