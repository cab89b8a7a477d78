import { currentScope, rootScope, runIn } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import { expectFunction } from "../kernel/values.ts";
import { ShieldScope } from "./shield-scope.ts";

/**
 * Opens something and registers its close with the surrounding task, group or run, in one step that a cancellation
 * cannot cut in two: `open` is shielded, and if the caller was cancelled meanwhile, what it opened is closed at once
 * and the cancellation thrown. Otherwise the close runs, shielded, when that task, group or run ends, last opened
 * first; outside all of them, before the process exits. A job of `gather`, `race` or `map` that yields a value hands
 * its resources on to the caller, so a connection that won a race lives on; one that failed or lost closes them.
 *
 *     const connection = await resource(() => connect(url), (connection) => connection.end());
 */
export async function resource<T>(open: () => T | PromiseLike<T>, close: (value: T) => unknown): Promise<T> {
  expectFunction(open, "resource: open");
  expectFunction(close, "resource: close");
  const scope = currentScope();
  if (scope.effective !== null) return scope.loop.rejected(scope.effective);
  const value = await new ShieldScope().run(open);
  const cancellation = currentScope().effective;
  if (cancellation !== null) {
    await new ShieldScope().run(() => close(value));
    throw cancellation;
  }
  register(ownerOf(currentScope()), () => close(value));
  return value;
}

function register(owner: Scope, close: () => unknown): void {
  if (owner.closes !== null) {
    owner.closes.push(close);
    return;
  }
  owner.closes = [close];
  if (owner === rootScope) process.once("beforeExit", () => void closeAtExit());
}

async function closeAtExit(): Promise<void> {
  for (const failure of await closeResources(rootScope)) {
    rootScope.loop.reportException("the close of a resource failed before the process exits", failure);
  }
}

function ownerOf(from: Scope): Scope {
  for (let scope = from; scope.parent !== null; scope = scope.parent) {
    const owns = scope.kind === "run" || scope.kind === "group" || scope.kind === "task";
    if (owns && !scope.ended) return scope;
  }
  return rootScope;
}

/** Whether something is to be closed when this scope is left. */
export function hasResources(scope: Scope): boolean {
  return scope.closes !== null;
}

/** Hands what is registered with a combinator's job on to whoever called the combinator. */
export function handOnResources(job: Scope): void {
  const { closes } = job;
  if (closes === null) return;
  job.closes = null;
  const owner = ownerOf(job.parent as Scope);
  for (const close of closes) register(owner, close);
}

/** Closes what is registered with a scope, last opened first, and returns the errors of those that failed. */
export async function closeResources(scope: Scope): Promise<unknown[]> {
  const failures: unknown[] = [];
  // What is opened while others are closed is closed in the next round.
  for (let { closes } = scope; closes !== null; { closes } = scope) {
    scope.closes = null;
    for (const close of closes.toReversed()) {
      try {
        await runIn(scope, () => new ShieldScope().run(close));
      } catch (error) {
        failures.push(error);
      }
    }
  }
  return failures;
}
