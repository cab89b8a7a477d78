import { setImmediate } from "node:timers";
import { DeadlockError } from "../errors.ts";
import { inEmptyContext } from "../kernel/empty-context.ts";
import type { Wait } from "../kernel/wait.ts";
import { Crew } from "./crew.ts";
import type { RunScope } from "./run-scope.ts";
import { Task, type TaskScope } from "./task.ts";
import { describeWaits, type TaskState, taskStates } from "./task-tree.ts";

/**
 * # Deadlocks
 *
 * When Node has nothing left to do it emits `beforeExit`. A main function that is pending then can never go on: no
 * timer, no socket, nobody is left to wake it. Node itself would exit with status 13 and without a word.
 *
 *     watching ──beforeExit──▶ cancelled, with the report ──beforeExit once more──▶ given up
 */
interface Watched {
  readonly scope: RunScope;
  readonly giveUp: (error: DeadlockError) => void;
  stage: { readonly kind: "watching" } | { readonly kind: "cancelled"; readonly error: DeadlockError };
}

const watchedRuns = new Set<Watched>();

/**
 * Watches over a run; `giveUp` is called if its clean-up is stuck as well. Returns how to stop watching, which says
 * whether there was a deadlock.
 */
export function watchForDeadlock(
  scope: RunScope,
  giveUp: (error: DeadlockError) => void,
): () => DeadlockError | undefined {
  const watched: Watched = { scope, giveUp, stage: { kind: "watching" } };
  if (watchedRuns.size === 0) inEmptyContext(() => process.on("beforeExit", onBeforeExit));
  watchedRuns.add(watched);
  return () => {
    watchedRuns.delete(watched);
    if (watchedRuns.size === 0) process.off("beforeExit", onBeforeExit);
    return watched.stage.kind === "cancelled" ? watched.stage.error : undefined;
  };
}

function onBeforeExit(): void {
  // Node asks again only if there was something to do meanwhile.
  setImmediate(() => {});
  for (const watched of watchedRuns) {
    if (watched.stage.kind === "cancelled") {
      watched.giveUp(watched.stage.error);
      continue;
    }
    const error = new DeadlockError(deadlockReport(watched.scope));
    watched.stage = { kind: "cancelled", error };
    watched.scope.cancel(error);
  }
}

/** Who waits for what in a run that cannot go on, and who waits for each other. */
export function deadlockReport(run: RunScope): string {
  const states = taskStates(run);
  const lines = states.filter(({ waits }) => waits.length > 0).map(describeState);
  if (lines.length === 0) lines.push("  (main awaits a promise that tsyncio does not know)");
  const cycle = findCycle(states);
  if (cycle !== undefined) lines.push(`the cycle: ${cycle.map(({ name }) => name).join(" → ")}`);
  return `${run.name} cannot go on: everything waits, and nothing is left that could wake it\n${lines.join("\n")}`;
}

function describeState(state: TaskState): string {
  return `${"  ".repeat(Math.max(state.depth, 1))}${state.name} ${describeWaits(state)}`;
}

/** Tasks of which each waits for the next, the last one being the first again. */
function findCycle(states: readonly TaskState[]): readonly TaskState[] | undefined {
  const byTask = new Map(states.map((state) => [(state.scope as Partial<TaskScope>).task, state]));
  const finished = new Set<TaskState>();
  const path: TaskState[] = [];
  const visit = (state: TaskState): readonly TaskState[] | undefined => {
    const start = path.indexOf(state);
    if (start >= 0) return [...path.slice(start), state];
    if (finished.has(state)) return undefined;
    path.push(state);
    for (const task of state.waits.flatMap(tasksWaitedFor)) {
      const next = byTask.get(task);
      const cycle = next === undefined ? undefined : visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    finished.add(state);
    return undefined;
  };
  for (const state of states) {
    const cycle = visit(state);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function tasksWaitedFor({ target }: Wait<never>): readonly Task<unknown>[] {
  if (target instanceof Crew) return [...target];
  return target instanceof Task ? [target] : [];
}
