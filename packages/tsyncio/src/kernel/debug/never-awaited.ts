import { inEmptyContext } from "../empty-context.ts";
import type { CallStack } from "./call-stack.ts";
import { debugging } from "./debugging.ts";
import type { WatchedCoroutine, WatchedScope } from "./subjects.ts";
import { warn } from "./warn.ts";

/** A coroutine that has not begun. Must not refer to it, or it would never be garbage. */
interface Unbegun {
  readonly name: string;
  readonly stack: CallStack;
  readonly scope: WatchedScope;
}

/*
 * That nobody awaits a coroutine or hands it to a task is certain once it is garbage, and as good as certain when the run in
 * which it was made ends, or when Node has nothing left to do.
 */
const unbegun = new Set<Unbegun>();
const entries = new WeakMap<WatchedCoroutine, Unbegun>();
const collected = new FinalizationRegistry<Unbegun>(report);
let watchesExit = false;

export function coroutineCreated(coroutine: WatchedCoroutine, scope: WatchedScope, stack: CallStack): void {
  const entry: Unbegun = { name: coroutine.name, stack, scope };
  unbegun.add(entry);
  entries.set(coroutine, entry);
  collected.register(coroutine, entry);
  if (watchesExit) return;
  watchesExit = true;
  inEmptyContext(() => process.on("beforeExit", () => unbegun.forEach(report)));
}

/** Somebody sees to the coroutine. */
export function coroutineTaken(coroutine: WatchedCoroutine): void {
  const entry = entries.get(coroutine);
  if (entry !== undefined) unbegun.delete(entry);
}

/** Reports the coroutines that were made in a run and never awaited. */
export function reportNeverAwaited(run: WatchedScope): void {
  for (const entry of unbegun) if (isInside(entry.scope, run)) report(entry);
}

function report(entry: Unbegun): void {
  if (!unbegun.delete(entry) || debugging.loops === 0) return;
  const { site } = entry.stack;
  const place = site === undefined ? "" : `; it was called at ${site}`;
  warn("TSYNCIO_NEVER_AWAITED", `the coroutine ${entry.name}() was never awaited${place}`);
}

function isInside(scope: WatchedScope, ancestor: WatchedScope): boolean {
  for (let at: WatchedScope | null = scope; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}
