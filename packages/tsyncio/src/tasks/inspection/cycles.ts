import type { AwaitedSnapshot, Snapshot, TaskSnapshot, WaitSnapshot } from "./snapshot.ts";

/** Who cannot go on without whom, in a snapshot. */
export type AwaitGraph = ReadonlyMap<number, readonly number[]>;

/** For each task, the tasks without whose end it cannot go on. */
export function awaitGraph({ tasks }: Pick<Snapshot, "tasks">): AwaitGraph {
  const mustEnd = ({ needs }: WaitSnapshot): boolean => needs === "all";
  const isTask = ({ kind }: AwaitedSnapshot): boolean => kind === "task";
  return new Map(
    tasks.map(({ id, waits }) => [
      id,
      waits.filter(mustEnd).flatMap(({ on }) => on.filter(isTask).map((awaited) => awaited.id)),
    ]),
  );
}

/**
 * The cycles in which tasks await each other: in each, every task awaits the next, and the last is the first again. A task
 * may stand in several. Where tasks await each other crosswise, not each way round is found, but at least one.
 */
export function findCycles(snapshot: Pick<Snapshot, "tasks">): readonly (readonly TaskSnapshot[])[] {
  const graph = awaitGraph(snapshot);
  const byId = new Map(snapshot.tasks.map((task) => [task.id, task]));
  const cycles: TaskSnapshot[][] = [];
  const state = new Map<number, "open" | "done">();
  for (const { id } of snapshot.tasks) {
    if (state.has(id)) continue;
    // Depth first, with a path of one's own: a chain of tasks may be longer than the call stack is deep.
    const path: { readonly id: number; looked: number }[] = [{ id, looked: 0 }];
    state.set(id, "open");
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const next = graph.get(at.id)?.[at.looked];
      at.looked += 1;
      if (next === undefined) {
        state.set(at.id, "done");
        path.pop();
      } else if (state.get(next) === "open") {
        const start = path.findIndex((step) => step.id === next);
        const members = path.slice(start).map((step) => byId.get(step.id) as TaskSnapshot);
        cycles.push([...members, members[0] as TaskSnapshot]);
      } else if (!state.has(next) && byId.has(next)) {
        state.set(next, "open");
        path.push({ id: next, looked: 0 });
      }
    }
  }
  return cycles;
}

/** `the cycle: first → second → first` */
export function describeCycle(cycle: readonly { readonly name: string }[]): string {
  return `the cycle: ${cycle.map(({ name }) => name).join(" → ")}`;
}
