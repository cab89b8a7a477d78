import type { CancelledError, DeadlockError } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import { suspend } from "../kernel/suspend.ts";
import { followSignal } from "./cancel-scope.ts";
import type { Coroutine } from "./coroutine.ts";
import { taskBody } from "./create-task.ts";
import { watchForDeadlock } from "./deadlock.ts";
import { combineFailures } from "./failures.ts";
import { closeResources } from "./resource.ts";
import { currentRunScope, RunScope } from "./run-scope.ts";
import { watchSignals } from "./signals.ts";
import { Task } from "./task.ts";

/** Options of {@link run}. */
export interface RunOptions {
  readonly name?: string;
  /** Debug mode of the loop while the run lasts: see `EventLoop.debug`. Default: whether `TSYNCIO_DEBUG` is `1`. */
  readonly debug?: boolean;
  /** When it aborts, the run is cancelled with its reason. */
  readonly signal?: AbortSignal;
  /** The signals that cancel the run. Default: SIGINT and SIGTERM; `[]` for none. Ignored in a run inside a run. */
  readonly signals?: readonly NodeJS.Signals[];
  /** How long clean-up may hold up a cancellation. Default: `"10s"`. */
  readonly grace?: Duration;
  /**
   * Soft stop: the first signal only sets `currentRun().stopping`, for the program to take no more and finish what
   * runs; the cancellation follows when this long has passed.
   */
  readonly drain?: Duration;
  /** The loop to run on; a simulation's, for example. */
  readonly loop?: EventLoop;
  /** Called with the failure of a task that nobody looked at, instead of failing the run. */
  readonly onUnhandledError?: (error: unknown, task: Task<unknown>) => void;
}

/** What cancels a run unless it says otherwise. */
export const defaultSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/**
 * Runs a main function: the entry of a program. Resolves to its value, or rejects with its error.
 *
 * When main ends, tasks that are left over are cancelled and awaited; what they throw then is reported. The failure
 * of a task that nobody looks at fails the run. A SIGINT or SIGTERM cancels the run; when it has ended, `run` rejects
 * with a `CancelledError` whose reason is the signal, and the process ends by that signal (exit status 130 or 143),
 * unless main returned a value or somebody else listens to the signal. A second signal, or clean-up that overruns the
 * grace, ends the process at once. When main is pending and nothing could ever wake it, `run` rejects with a
 * `DeadlockError` that says who waits for what.
 *
 * Several runs may be active side by side. A run inside a run is a child scope: it is cancelled with the outer one.
 *
 *     const main = async () => {
 *       const page = await fetchPage(url);
 *       return page.length;
 *     };
 *     const length = await run(main, { grace: "5s" });
 */
export async function run<T>(main: (() => T | PromiseLike<T>) | Coroutine<T>, options: RunOptions = {}): Promise<T> {
  const body = taskBody(main, "run");
  const drain = options.drain === undefined ? undefined : toMilliseconds(options.drain, "drain");
  const grace = options.grace === undefined ? currentScope().grace : toMilliseconds(options.grace, "grace");
  const outermost = currentRunScope() === null;
  const scope = new RunScope(options.name ?? "run", currentScope(), options.loop ?? currentScope().loop, grace);
  const releaseDebug = scope.loop.claimDebug(options.debug);
  const stopFollowing = followSignal(options.signal, scope);
  const signalsEnded = outermost ? watchSignals(scope, options.signals ?? defaultSignals, drain) : (): void => {};
  let returnedValue = false;
  try {
    const value = await execute(scope, body, options, outermost);
    returnedValue = true;
    return value;
  } finally {
    releaseDebug();
    stopFollowing();
    signalsEnded(returnedValue);
  }
}

async function execute<T>(
  scope: RunScope,
  body: () => T | PromiseLike<T>,
  options: RunOptions,
  outermost: boolean,
): Promise<T> {
  const failures: unknown[] = [];
  scope.onUnretrieved =
    options.onUnhandledError ??
    ((error) => {
      failures.push(error);
      scope.cancel(error);
    });
  const main = new Task<T>(scope, scope, body, "main");
  main.retrieved = true;
  scope.tasks.add(main);
  main.startSoon();
  const { cancellation, deadlock } = await untilEnded(scope, main, options, outermost);
  scope.judgeAll();
  failures.push(...(await closeResources(scope)));
  scope.end();
  if (deadlock !== undefined) throw deadlock;
  if (main.status === "failed") failures.unshift(main.payload);
  if (failures.length > 0) throw combineFailures(failures, scope.name);
  // A main that was cancelled on its own, and then with its run, ends by what came from further out.
  if (main.status === "cancelled") throw scope.outer ?? cancellation ?? main.payload;
  return main.result();
}

/**
 * Waits until main and then all left-over tasks have ended, or until that is impossible. Tells with what the run was
 * cancelled when main ended.
 */
async function untilEnded(
  scope: RunScope,
  main: Task<unknown>,
  options: RunOptions,
  outermost: boolean,
): Promise<{ readonly cancellation: CancelledError | null; readonly deadlock: DeadlockError | undefined }> {
  let giveUp = (): void => {};
  const until = (label: string, target: Iterable<Task<unknown>>, start: (done: () => void) => void): Promise<void> =>
    suspend<void>(
      label,
      (wait) => {
        wait.target = target;
        giveUp = () => wait.resolve();
        start(giveUp);
      },
      { uncancellable: true },
    );
  const stopWatching = outermost ? watchForDeadlock(scope, () => giveUp()) : (): undefined => undefined;
  await until("main", [main], (done) => main.observe(done));
  const cancellation = scope.effective;
  // A main that is stuck for good has been given up, and its tasks with it.
  if (main.done()) {
    scope.judgeAll();
    scope.onUnretrieved = options.onUnhandledError ?? reportLeftOver;
    scope.cancel("main has ended");
    if (scope.tasks.size > 0) {
      await until("left-over tasks", scope.tasks, (done) => {
        scope.onIdle = done;
      });
    }
  }
  return { cancellation, deadlock: stopWatching() };
}

/** Says what a task threw that outlived its main: nobody is left who could be told. */
export function reportLeftOver(error: unknown, task: Task<unknown>): void {
  console.error(`tsyncio: ${task.name} was left over by main, and failed while it was cancelled:`, error);
}
