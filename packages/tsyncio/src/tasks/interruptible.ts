import { currentScope } from "../kernel/context.ts";
import { inEmptyContext } from "../kernel/empty-context.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { isThenable } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";

/**
 * # Waiting for a promise that somebody else owns
 *
 * A promise never lets go of a reaction. Racing a long-lived promise against a cancellation would leave one reaction
 * behind for each cancelled wait, and with it all that it closes over (nodejs/node#17469). So each foreign promise
 * gets *one* reaction, for good, which settles whoever is in its set of waiters at that moment; a cancelled waiter
 * leaves the set. The reaction is registered in the empty context, or it would retain the first waiter's.
 */
type Waiters = Set<Wait<unknown>>;

const waitersOf = new WeakMap<PromiseLike<unknown>, Waiters>();

function waitersFor(promise: PromiseLike<unknown>): Waiters {
  const known = waitersOf.get(promise);
  if (known !== undefined) return known;
  const waiters: Waiters = new Set();
  waitersOf.set(promise, waiters);
  const settle = (end: (wait: Wait<unknown>) => void): void => {
    waitersOf.delete(promise);
    for (const wait of waiters) {
      wait.scope?.loop.releaseForeign();
      end(wait);
    }
  };
  // Another library's thenable may call back at once, or throw: not so the promise that follows it.
  void inEmptyContext(() =>
    Promise.resolve(promise).then(
      (value) => settle((wait) => wait.resolve(value)),
      (error: unknown) => settle((wait) => wait.reject(error)),
    ),
  );
  return waiters;
}

/** Waits for a promise in the current scope; a cancellation stops the waiting and leaves the promise alone. */
export function awaitForeign<T>(promise: PromiseLike<T>): Promise<Awaited<T>> {
  return suspend<T>("a promise", (wait) => {
    const { loop } = currentScope();
    const waiters = waitersFor(promise);
    const waiter = wait as Wait<unknown>;
    waiters.add(waiter);
    loop.holdForeign();
    return () => {
      waiters.delete(waiter);
      loop.releaseForeign();
    };
  });
}

/**
 * Waits for a promise that knows nothing of tsyncio, in a way that a cancellation of the current scope ends. The
 * work behind the promise goes on; for work that can be stopped, use `withSignal`. Keeps the process alive while it
 * waits. Any number of cancelled waits on one promise leave nothing behind.
 *
 *     import { readFile } from "node:fs/promises";
 *
 *     const reading = readFile("package.json", "utf8"); // goes on, whatever happens here
 *     const text = await timeout("5s", () => interruptible(reading));
 *     console.log(text.startsWith("{")); // true
 */
export function interruptible<T>(promise: PromiseLike<T> | T): Promise<Awaited<T>> {
  return isThenable(promise) ? awaitForeign(promise) : immediate(() => promise);
}
