import type { CancelledError } from "../../errors.ts";
import { CallStack } from "./call-stack.ts";
import { warnOfLeftBehind } from "./left-behind.ts";
import { debugging } from "./debugging.ts";
import { coroutineCreated, coroutineTaken, reportNeverAwaited } from "./never-awaited.ts";
import { lastWaitOf, stepEnds, stepReported, stepWaits, watchSteps } from "./slow-steps.ts";
import { StuckTasks } from "./stuck-tasks.ts";
import {
  taskAround,
  type WatchedCoroutine,
  type WatchedLoop,
  type WatchedScope,
  type WatchedWait,
} from "./subjects.ts";
import { SwallowedCancellations } from "./swallowed.ts";
import { warn } from "./warn.ts";

/** Call sites that have been warned of, in the whole process. */
const warnedSites = new Set<string>();

/**
 * Debug mode of one loop: what it remembers, and what it warns of. The runtime tells it what happens through
 * `loop.debugHooks`, which is null otherwise, so that without debug mode nobody pays more than a look.
 */
export class DebugMonitor {
  private readonly loop: WatchedLoop;
  private readonly creations: WeakMap<object, CallStack> = new WeakMap();
  private readonly waitStacks: WeakMap<WatchedWait, CallStack> = new WeakMap();
  private readonly swallowed: SwallowedCancellations = new SwallowedCancellations();
  private readonly stuck: StuckTasks;
  private readonly stopWatchingSteps: () => void = watchSteps();

  constructor(loop: WatchedLoop) {
    this.loop = loop;
    this.stuck = new StuckTasks(loop);
    debugging.loops += 1;
  }

  /** Debug mode is switched off. */
  stop(): void {
    this.stopWatchingSteps();
    this.stuck.stop();
    debugging.loops -= 1;
  }

  /** A task, a future or a handle was made. */
  created(object: object): void {
    this.creations.set(object, new CallStack());
  }

  /** Where a task, a future or a handle was made. */
  creationOf(object: object): CallStack | undefined {
    return this.creations.get(object);
  }

  waitStarted(wait: WatchedWait, scope: WatchedScope): void {
    const stack = new CallStack();
    this.waitStacks.set(wait, stack);
    stepWaits(taskAround(scope), stack);
  }

  /** A task has ended. */
  taskEnded(task: WatchedScope): void {
    stepEnds(task);
  }

  /** Where a wait was started. */
  stackOf(wait: WatchedWait): CallStack | undefined {
    return this.waitStacks.get(wait);
  }

  /** Where a task waited last. */
  lastWaitOf(task: WatchedScope): CallStack | undefined {
    return lastWaitOf(task);
  }

  /** A wait was refused, because its scope is cancelled. */
  refused(scope: WatchedScope, error: CancelledError, label: string): void {
    const task = taskAround(scope);
    if (!task.ended) this.swallowed.refused(task, error, label, new CallStack());
  }

  cancelled(scope: WatchedScope): void {
    this.stuck.lookLater(scope);
  }

  /** The waits of a scope are about to be ended by a cancellation. */
  cut(scope: WatchedScope, waits: readonly WatchedWait[], error: CancelledError): void {
    for (const wait of waits) {
      const stack = wait.uncancellable ? undefined : this.waitStacks.get(wait);
      if (stack !== undefined) this.swallowed.delivered(taskAround(scope), error, stack);
    }
  }

  /** A scope was left, and others were still in it. */
  leftBehind(
    scope: WatchedScope,
    heir: WatchedScope,
    waits: readonly WatchedWait[],
    children: readonly WatchedScope[],
  ): void {
    warnOfLeftBehind(scope, heir, waits, children, (wait) => this.waitStacks.get(wait));
  }

  coroutineCreated(coroutine: WatchedCoroutine, scope: WatchedScope): void {
    // Not the constructor's frame: it would keep the coroutine alive, of which it is to be known when it is garbage.
    coroutineCreated(coroutine, scope, new CallStack(coroutine.constructor as () => unknown));
  }

  /** A coroutine was awaited, or handed to somebody who runs it. */
  coroutineTaken(coroutine: WatchedCoroutine): void {
    coroutineTaken(coroutine);
  }

  runEnded(run: WatchedScope): void {
    reportNeverAwaited(run);
  }

  /** A native promise was passed where a job belongs. */
  promiseAsJob(what: string): void {
    const { site } = new CallStack();
    if (site === undefined || warnedSites.has(site)) return;
    warnedSites.add(site);
    warn(
      "TSYNCIO_PROMISE_AS_JOB",
      `${what}: expected a job, got a promise, whose work already runs and cannot be cancelled; it was passed at ${site}`,
      "Pass a function, as in () => f(), or declare f with coroutine().",
    );
  }

  /** A callback of `callSoon`, `callLater` or `callAt` has run. */
  callbackRan(handle: object, name: string, took: number): void {
    if (took <= this.loop.slowCallbackDuration) return;
    stepReported();
    const what = name === "" ? "a scheduled callback" : `the scheduled callback ${name}`;
    const site = this.creations.get(handle)?.site;
    const origin = site === undefined ? "" : `; it was scheduled at ${site}`;
    warn("TSYNCIO_SLOW_CALLBACK", `${what} kept the thread for ${Math.round(took)} ms${origin}`);
  }
}
