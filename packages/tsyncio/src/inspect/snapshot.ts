import { rootScope } from "../kernel/context.ts";
import type { Snapshot } from "../tasks/inspection/snapshot.ts";
import { takeSnapshot } from "../tasks/inspection/take-snapshot.ts";

/**
 * Takes a picture of everything that waits in this process: the runs, the tasks with their blocks, deadlines and
 * cancellations, and each open wait, since when, and for whom. All runs and simulations are in it, and what waits outside of
 * them; of other copies of tsyncio too. Never waits, disturbs nobody, and can be called from anywhere. The picture is plain
 * frozen data for `JSON.stringify`; {@link formatTaskTree} and {@link formatTaskTable} put it in words. Stacks are in it in
 * debug mode. Takes time in proportion to the number of tasks and waits.
 *
 *     process.on("SIGUSR2", () => console.error(formatTaskTree(snapshot())));
 */
export function snapshot(): Snapshot {
  return takeSnapshot(rootScope);
}
