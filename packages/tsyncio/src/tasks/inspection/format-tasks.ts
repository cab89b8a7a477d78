import { describeFrame } from "../../kernel/debug/call-stack.ts";
import type { Snapshot, TaskSnapshot, WaitSnapshot } from "./snapshot.ts";
import { describeWaits } from "./task-states.ts";

/**
 * The tasks of a snapshot and their waits, a line each, those inside others indented; in debug mode each wait with its place.
 * @param indent How deep the outermost stand.
 */
export function formatTasks(
  snapshot: Pick<Snapshot, "tasks">,
  which: (task: TaskSnapshot) => boolean = () => true,
  indent = 0,
): readonly string[] {
  const depths = new Map<number | null, number>();
  return snapshot.tasks.flatMap((task) => {
    const depth = (depths.get(task.parent) ?? indent - 1) + 1;
    depths.set(task.id, depth);
    if (!which(task)) return [];
    const margin = "  ".repeat(depth);
    return [
      `${margin}${task.name} ${describeWaits(task)}`,
      ...placesOf(task.waits).map((place) => `${margin}  ${place}`),
    ];
  });
}

function placesOf(waits: readonly WaitSnapshot[]): readonly string[] {
  return waits.flatMap(({ stack }) => {
    const frame = stack?.find(({ file }) => file !== "");
    return frame === undefined ? [] : [`at ${describeFrame(frame)}`];
  });
}
