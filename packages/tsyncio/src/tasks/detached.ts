import { rootScope, runIn } from "../kernel/context.ts";
import { currentRunScope } from "./run-scope.ts";

/**
 * Calls a function in the scope of the surrounding run (outside any: in the root scope), so that what it opens
 * outlives the task, timeout or request that happened to need it first. The caller's own `AsyncLocalStorage`s stay.
 * Returns what the function returns.
 *
 *     let shared: Promise<Connection> | undefined;
 *     const connection = () => (shared ??= detached(() => connect(url)));
 *     await moveOnAfter("1ms", connection); // too short for it, and yet:
 *     console.log((await connection()).open); // true
 */
export function detached<R>(fn: () => R): R {
  return runIn(currentRunScope() ?? rootScope, fn);
}
