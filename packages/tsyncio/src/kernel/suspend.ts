/*
 * # The kernel
 *
 * JavaScript has an event loop, promises and `async` functions. What it has not is an owner: a promise knows neither who
 * waits for it nor how to stop what it stands for. The kernel adds that, in five parts. They are best read in this order:
 *
 *     scope.ts        a stretch of work that can be cancelled as one; scopes form a tree             S1 to S5
 *     context.ts      to which scope the running code belongs: one AsyncLocalStorage, and nothing else in it
 *     wait.ts         one pending wait: a promise that the scope around it can reject               W1 to W3
 *     suspend.ts      this file: the only place in which a wait is made
 *     event-loop.ts   what time it is, and when those who were woken go on; host-loop.ts is the one on Node's own
 *
 * The life of one wait, and which invariant holds where:
 *
 *     await sleep("1h")
 *          │ suspend() asks the context for the scope; in a cancelled one it rejects at once (S3)
 *          ▼
 *     a Wait, linked into its scope (W2); a timer in the loop's heap
 *          │                                   │
 *          │ the timer: wait.resolve()         │ scope.cancel(), here or further out (S2, S4)
 *          ▼                                   ▼
 *     settled (W1)                             cut (W1); when the whole tree is cut, the clean-up drops the timer (W3)
 *          │                                   │
 *          └───────────────┬───────────────────┘
 *                          ▼
 *     the awaiter goes on: in a microtask, or after a turn of the host's loop if one is due, or, in a simulation, in the
 *     order that the seed decides
 *
 * A cancellation therefore costs a walk over the scopes and waits below it, and a wait that nobody cancels costs two
 * links in a list. Nothing in here polls, and nothing listens to an AbortSignal.
 */
import type { CancelledError } from "../errors.ts";
import { currentScope } from "./context.ts";
import type { Scope } from "./scope.ts";
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
  if (scope.effective !== null && !uncancellable) return refuse(scope, scope.effective, label);
  const wait = new Wait<T>(scope, label, uncancellable);
  if (loop.debugHooks !== null) loop.debugHooks.waitStarted(wait, scope);
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
  if (loop.immediateWatchers !== null) for (const watch of loop.immediateWatchers) watch(scope);
  if (scope.effective !== null) return refuse(scope, scope.effective, "an operation");
  try {
    return loop.settled(act());
  } catch (error) {
    return loop.rejected(error);
  }
}

function refuse(scope: Scope, error: CancelledError, label: string): Promise<never> {
  scope.loop.debugHooks?.refused(scope, error, label);
  return scope.loop.rejected(error);
}
