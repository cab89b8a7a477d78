import { currentScope } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import { suspend } from "../kernel/suspend.ts";
import { expectFunction } from "../kernel/values.ts";

/**
 * Calls a function that takes an `AbortSignal`, such as `fetch`, with a fresh one that aborts when the current scope
 * is cancelled. Waits until the function has settled, also after an abort, so nothing goes on behind the caller's
 * back. What comes out then is the scope's `CancelledError`, whatever the function threw; a value stays a value.
 * The function is not called if the scope is cancelled already. Keeps the process alive while it waits.
 *
 *     const response = await withSignal((signal) => fetch(localServer, { signal }));
 *     console.log(response.status); // 200
 */
export function withSignal<T>(fn: (signal: AbortSignal) => T | PromiseLike<T>): Promise<T> {
  expectFunction(fn, "withSignal");
  const scope = currentScope();
  scope.loop.count();
  if (scope.effective !== null) return scope.loop.rejected(scope.effective);
  return callWithSignal(fn, scope);
}

async function callWithSignal<T>(fn: (signal: AbortSignal) => T | PromiseLike<T>, scope: Scope): Promise<T> {
  const controller = new AbortController();
  let stopWatching = (): void => {};
  // A fresh signal for each call, aborted by a link of the scope: a long-lived one would collect listeners.
  suspend<void>("the end of withSignal", (wait) => {
    stopWatching = () => void wait.resolve();
    return () => controller.abort(scope.live.effective);
  }).catch(() => {});
  scope.loop.holdForeign();
  try {
    return await fn(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw error;
  } finally {
    scope.loop.releaseForeign();
    stopWatching();
  }
}
