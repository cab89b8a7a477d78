import { createHook } from "node:async_hooks";
import { storage } from "../storage.ts";
import { type CallStack } from "./call-stack.ts";
import { taskAround, type WatchedScope } from "./subjects.ts";
import { warn } from "./warn.ts";

/**
 * # Steps that keep the thread
 *
 * Between two waits, the code of a task runs to the end of its step, and nobody else does. No promise tells how long that
 * took: a step begins where a promise settles, which may be a foreign one. Node's async hooks tell when each callback
 * begins and ends, and so how long it had the thread. They cost every promise of the process some time, and are switched on
 * only while some loop is in debug mode.
 *
 * Which line it was, they do not tell. The waits that were started during the callback, and the one before, cut it into
 * stretches; the longest of these is named by the two lines between which it lies.
 */
interface Stretch {
  readonly took: number;
  /** The task, or the run around code that belongs to none. */
  readonly owner: WatchedScope;
  readonly from: CallStack | undefined;
  readonly to: CallStack | undefined;
}

/** Where each task waited last. */
const lastWaits = new WeakMap<WatchedScope, CallStack>();

/** How deep the callbacks of the host are nested. */
let depth = 0;
let began = 0;
/** When the present stretch began. */
let mark = 0;
let longest: Stretch | null = null;
let reported = false;

const hook = createHook({
  before() {
    depth += 1;
    if (depth > 1) return;
    began = performance.now();
    mark = began;
    longest = null;
    reported = false;
  },
  after() {
    // The callback during which the hook was switched on has no beginning.
    if (depth === 0) return;
    depth -= 1;
    if (depth > 0) return;
    const scope = storage.getStore() as unknown as WatchedScope | undefined;
    if (scope !== undefined) endStretch(taskAround(scope), undefined);
    if (longest !== null && !reported) report(longest, performance.now() - began);
  },
});

let watchers = 0;

/** Watches all callbacks of this process, until the returned function is called. */
export function watchSteps(): () => void {
  if (watchers === 0) hook.enable();
  watchers += 1;
  return () => {
    watchers -= 1;
    if (watchers > 0) return;
    hook.disable();
    depth = 0;
  };
}

/** A task begins to wait: a stretch of its code ends here. */
export function stepWaits(owner: WatchedScope, at: CallStack): void {
  if (depth > 0) endStretch(owner, at);
  lastWaits.set(owner, at);
}

/** A task has ended, and with it its last stretch. */
export function stepEnds(owner: WatchedScope): void {
  if (depth > 0) endStretch(owner, undefined);
}

/** Where a task waited last; undefined if it never did. */
export function lastWaitOf(owner: WatchedScope): CallStack | undefined {
  return lastWaits.get(owner);
}

/** The present callback has been reported in another way. */
export function stepReported(): void {
  reported = true;
}

function endStretch(owner: WatchedScope, to: CallStack | undefined): void {
  const now = performance.now();
  const took = now - mark;
  mark = now;
  if (longest === null || took > longest.took) longest = { took, owner, from: lastWaits.get(owner), to };
}

function report({ owner, from, to }: Stretch, took: number): void {
  const { loop } = owner;
  if (loop.debugHooks === null || took <= loop.slowCallbackDuration) return;
  const start = from?.site === undefined ? "after its start" : `after its wait at ${from.site}`;
  const end = to?.site === undefined ? "" : `, before its wait at ${to.site}`;
  warn("TSYNCIO_SLOW_STEP", `${owner.name} kept the thread for ${Math.round(took)} ms, ${start}${end}`);
}
