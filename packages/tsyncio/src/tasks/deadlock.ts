import { setImmediate } from "node:timers";
import { DeadlockError } from "../errors.ts";
import { inEmptyContext } from "../kernel/empty-context.ts";
import { describeCycle, findCycles } from "./inspection/cycles.ts";
import { formatTasks } from "./inspection/format-tasks.ts";
import { takeSnapshot } from "./inspection/take-snapshot.ts";
import { describeWaits } from "./inspection/task-states.ts";
import type { RunScope } from "./run-scope.ts";

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
  const snapshot = takeSnapshot(run);
  const lines = [...formatTasks(snapshot, ({ waits }) => waits.length > 0, 1)];
  if (snapshot.waits.length > 0) lines.unshift(`  ${run.name} ${describeWaits(snapshot)}`);
  if (lines.length === 0) lines.push("  (main awaits a promise that tsyncio does not know)");
  lines.push(...findCycles(snapshot).map(describeCycle));
  return `${run.name} cannot go on: everything waits, and nothing is left that could wake it\n${lines.join("\n")}`;
}
