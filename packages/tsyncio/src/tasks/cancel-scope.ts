import { currentScope } from "../kernel/context.ts";
import { expectFunction } from "../kernel/values.ts";
import { BlockScope } from "./block-scope.ts";

/** Options of {@link cancelScope}. */
export interface CancelScopeOptions {
  readonly name?: string;
  /** When it aborts, the scope is cancelled with its reason. The listener is removed when the scope is left. */
  readonly signal?: AbortSignal;
}

/** What the body of {@link cancelScope} receives. */
export interface CancelScope {
  readonly name: string;
  /** Whether waits in here reject: this scope or one around it was cancelled. */
  readonly cancelled: boolean;
  /** Cancels the scope; returns false if it was before, or has ended. */
  cancel(reason?: unknown): boolean;
}

/**
 * Runs `body` in a scope that can be cancelled from inside, from outside or by an `AbortSignal`. When it was, the
 * result is `undefined`, without an error, once the body has ended. A cancellation that comes from further out goes
 * further out.
 *
 *     const pages: string[] = [];
 *     await cancelScope(async (scope) => {
 *       for (const url of urls) {
 *         pages.push(await fetchPage(url));
 *         if (pages.length === 2) scope.cancel("that is enough");
 *       }
 *     });
 *     console.log(pages.length); // 2
 */
export async function cancelScope<T>(body: (scope: CancelScope) => T | PromiseLike<T>): Promise<T | undefined>;
export async function cancelScope<T>(
  options: CancelScopeOptions,
  body: (scope: CancelScope) => T | PromiseLike<T>,
): Promise<T | undefined>;
export async function cancelScope<T>(
  first: CancelScopeOptions | ((scope: CancelScope) => T | PromiseLike<T>),
  second?: (scope: CancelScope) => T | PromiseLike<T>,
): Promise<T | undefined> {
  const options = typeof first === "function" ? {} : first;
  const body = (typeof first === "function" ? first : second) as (scope: CancelScope) => T | PromiseLike<T>;
  expectFunction(body, "cancelScope");
  const scope = new BlockScope("cancel", options.name ?? "cancelScope", currentScope());
  const stopFollowing = followSignal(options.signal, scope);
  try {
    return await scope.run(() => body(scope));
  } catch (error) {
    if (error !== scope.own) throw error;
    if (scope.outer !== null) throw scope.outer;
    return undefined;
  } finally {
    stopFollowing();
  }
}

/** Cancels a scope when a signal aborts; returns how to stop that. */
export function followSignal(signal: AbortSignal | undefined, scope: CancelScope): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    scope.cancel(signal.reason);
    return () => {};
  }
  const abort = (): void => void scope.cancel(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}
