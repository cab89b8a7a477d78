import type { AsyncLocalStorage } from "node:async_hooks";
import type { EventLoop } from "./event-loop.ts";
import { HostLoop } from "./host-loop.ts";
import { Scope } from "./scope.ts";
import { storage as untypedStorage } from "./storage.ts";

const storage = untypedStorage as unknown as AsyncLocalStorage<Scope>;

const key = Symbol.for("tsyncio.root.1");

function sharedRoot(): Scope {
  const holder = globalThis as { [key]?: Scope };
  return (holder[key] ??= new Scope("root", null, new HostLoop()));
}

/** The scope outside every `run`: it has no parent, is never cancelled and never ends. */
export const rootScope: Scope = sharedRoot();

/** The scope in which the caller's waits are held; the root outside any run. */
export function currentScope(): Scope {
  const scope = storage.getStore();
  if (scope === undefined) return rootScope;
  return scope.ended ? scope.live : scope;
}

/** Calls a function with `scope` as the current one; what it awaits stays in there. */
export function runIn<R, A extends unknown[]>(scope: Scope, run: (...args: A) => R, ...args: A): R {
  return storage.run(scope, run, ...args);
}

/**
 * Makes `scope` the current one for the rest of this microtask, and for what that starts. For the last step of a
 * microtask only: Node takes up the next one in its own context, so nothing has to be put back, and the second context
 * that {@link runIn} makes for that is saved.
 */
export function enter(scope: Scope): void {
  storage.enterWith(scope);
}

/**
 * The event loop of the current code: a simulation's inside one, otherwise the one that runs on Node's own.
 *
 *     const loop = getRunningLoop();
 *     const start = loop.time();
 *     await sleep("1s");
 *     console.log(loop.time() - start >= 1_000); // true
 */
export function getRunningLoop(): EventLoop {
  return currentScope().loop;
}
