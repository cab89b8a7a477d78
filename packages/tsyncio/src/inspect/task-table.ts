import type { StackFrame } from "../kernel/debug/call-stack.ts";
import type { Snapshot, TaskSnapshot, WaitSnapshot } from "../tasks/inspection/snapshot.ts";
import { describeWait, remarksOn } from "./describe.ts";

const columns = [
  "thread",
  "id",
  "name",
  "state",
  "waits for",
  "stack",
  "awaiter",
  "awaiter id",
  "awaiter stack",
] as const;

/** Who awaits a task, and where. */
interface Awaiter {
  readonly task: TaskSnapshot;
  readonly wait: WaitSnapshot;
}

/**
 * Lists the tasks of a snapshot, as `python -m asyncio ps` does: a line each, with its state, what it waits for, and who
 * awaits it. The stacks, innermost function first, are there in debug mode. Cycles do no harm here.
 *
 *     process.stderr.write(`${formatTaskTable(snapshot())}\n`);
 */
export function formatTaskTable(snapshot: Snapshot): string {
  const awaiters = awaitersOf(snapshot);
  const rows = snapshot.tasks.map((task) => rowOf(task, snapshot.thread, awaiters.get(task.id) ?? []));
  const lines = [[...columns], ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
  const drawn = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
  drawn.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return drawn.join("\n");
}

function awaitersOf({ tasks }: Snapshot): ReadonlyMap<number, readonly Awaiter[]> {
  const awaiters = new Map<number, Awaiter[]>();
  for (const task of tasks) {
    for (const wait of task.waits) {
      for (const { kind, id } of wait.on) {
        if (kind !== "task") continue;
        const known = awaiters.get(id);
        if (known === undefined) awaiters.set(id, [{ task, wait }]);
        else known.push({ task, wait });
      }
    }
  }
  return awaiters;
}

function rowOf(task: TaskSnapshot, thread: number, awaiters: readonly Awaiter[]): string[] {
  const [wait] = task.waits;
  return [
    String(thread),
    String(task.id),
    task.name,
    `${task.state}${task.cancelled === null ? "" : ", cancelled"}`,
    task.waits.length === 0 ? remarksOn(task).trim() : task.waits.map(describeWait).join("; "),
    describeStack(wait?.stack ?? null),
    awaiters.map((awaiter) => awaiter.task.name).join(", "),
    awaiters.map((awaiter) => awaiter.task.id).join(", "),
    awaiters.map((awaiter) => describeStack(awaiter.wait.stack)).join(", "),
  ];
}

function describeStack(stack: readonly StackFrame[] | null): string {
  return (stack ?? []).map((frame) => (frame.function === "" ? "anonymous" : frame.function)).join(" -> ");
}
