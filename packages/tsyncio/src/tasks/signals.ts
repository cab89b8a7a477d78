import { constants } from "node:os";
import { setImmediate } from "node:timers";
import { rootScope } from "../kernel/context.ts";
import { inEmptyContext } from "../kernel/empty-context.ts";
import type { Timer } from "../kernel/timer-heap.ts";
import { expectUncaught } from "../kernel/unhandled-filter.ts";
import type { RunScope } from "./run-scope.ts";
import { describeWaits, taskStates } from "./inspection/task-states.ts";

/**
 * # Signals
 *
 * One process listener for each signal serves all outermost runs that list it.
 *
 *     running ──1st signal, drain──▶ draining ──drain over, 2nd signal──▶ cancelled ──▶ ended
 *        └──────1st signal───────────────────────────────────────────────▶ ▲  │
 *                                                                              │ one more signal, or grace overrun
 *                                                                              ▼
 *                                                              the process ends at once
 *
 * When the last cancelled run has ended, the process ends by the very signal, as a shell or supervisor expects, once
 * its output is flushed: unless a run returned a value all the same, or somebody else listens to the signal and so
 * has taken over what it means.
 */
interface Watched {
  readonly scope: RunScope;
  readonly drain: number | undefined;
  readonly signals: ReadonlySet<NodeJS.Signals>;
  stage: "running" | "draining" | "cancelled";
  timer: Timer | null;
}

const watchedRuns = new Set<Watched>();
const listeners = new Map<NodeJS.Signals, () => void>();
/** The signal by which the process will end when the last run that it cancelled has. */
let endingBy: NodeJS.Signals | null = null;

/** Lets signals cancel a run; returns what to call when the run has ended, and whether with a value. */
export function watchSignals(
  scope: RunScope,
  signals: readonly NodeJS.Signals[],
  drain: number | undefined,
): (returnedValue: boolean) => void {
  const watched: Watched = { scope, drain, signals: new Set(signals), stage: "running", timer: null };
  watchedRuns.add(watched);
  for (const signal of watched.signals) listen(signal);
  return (returnedValue) => {
    watchedRuns.delete(watched);
    if (watched.timer !== null) rootScope.loop.removeTimer(watched.timer);
    for (const signal of watched.signals) unlistenIfUnused(signal);
    if (watched.stage === "running" || endingBy === null) return;
    if (returnedValue) endingBy = null;
    else if (![...watchedRuns].some((run) => run.stage !== "running")) endProcessSoon(endingBy);
  };
}

function listen(signal: NodeJS.Signals): void {
  if (listeners.has(signal)) return;
  const listener = (): void => onSignal(signal);
  listeners.set(signal, listener);
  inEmptyContext(() => process.on(signal, listener));
}

function unlistenIfUnused(signal: NodeJS.Signals): void {
  if ([...watchedRuns].some((run) => run.signals.has(signal))) return;
  const listener = listeners.get(signal);
  if (listener === undefined) return;
  listeners.delete(signal);
  process.off(signal, listener);
}

function onSignal(signal: NodeJS.Signals): void {
  const concerned = [...watchedRuns].filter((run) => run.signals.has(signal));
  if (concerned.some((run) => run.stage === "cancelled")) {
    endProcessNow(signal, `a second ${signal} came`, concerned);
    return;
  }
  for (const run of concerned) {
    if (run.stage === "running" && run.drain !== undefined) startDrain(run, run.drain, signal);
    else cancelRun(run, signal);
  }
}

function startDrain(run: Watched, drain: number, signal: NodeJS.Signals): void {
  run.stage = "draining";
  endingBy = signal;
  run.timer = setTimer(run, drain, () => cancelRun(run, signal));
  run.scope.stopping.set();
}

function cancelRun(run: Watched, signal: NodeJS.Signals): void {
  run.stage = "cancelled";
  endingBy = signal;
  run.scope.cancel(signal);
  // At that moment the shields open too: what ends then without delay has not overrun.
  run.timer = setTimer(run, run.scope.grace, () => rootScope.loop.afterTurn(() => endOverrun(run, signal)));
  if (run.scope.own !== null) expectUncaught(run.scope.own, () => endingBy === signal && !isTakenOver(signal));
}

function endOverrun(run: Watched, signal: NodeJS.Signals): void {
  if (watchedRuns.has(run)) endProcessNow(signal, `the grace of ${run.scope.grace} ms is over`, [run]);
}

function setTimer(run: Watched, delay: number, callback: () => void): Timer | null {
  const { loop } = rootScope;
  if (run.timer !== null) loop.removeTimer(run.timer);
  return Number.isFinite(delay) ? loop.addTimer(loop.time() + delay, callback) : null;
}

/** Lets the code behind `await run(…)` go on for a turn, flushes the output, and ends the process. */
function endProcessSoon(signal: NodeJS.Signals): void {
  inEmptyContext(setImmediate, () => {
    if (endingBy !== signal) return;
    process.stdout.write("", () => process.stderr.write("", () => endProcess(signal)));
  });
}

function endProcess(signal: NodeJS.Signals): void {
  if (!isTakenOver(signal)) process.kill(process.pid, signal);
}

/** Whether somebody else listens to a signal, and so decides what it means. */
function isTakenOver(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) > (listeners.has(signal) ? 1 : 0);
}

function endProcessNow(signal: NodeJS.Signals, why: string, runs: readonly Watched[]): void {
  const unfinished = runs.flatMap((run) => taskStates(run.scope).filter(({ scope }) => scope.kind === "task"));
  const names = unfinished.map((task) => `${task.name} (${describeWaits(task)})`);
  console.error(`tsyncio: ${why}; ending with ${names.length} unfinished task(s): ${names.join("; ")}`);
  const listener = listeners.get(signal);
  if (listener !== undefined) process.off(signal, listener);
  listeners.delete(signal);
  endProcess(signal);
  // Reached when somebody else listens to the signal.
  process.exit(128 + constants.signals[signal]);
}
