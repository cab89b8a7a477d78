import type { Snapshot, TaskSnapshot, WaitSnapshot } from "tsyncio/inspect";

/** What a task of a made-up snapshot awaits: tasks, by their ids, from inside the functions, innermost first. */
export interface Sketch {
  readonly id: number;
  readonly name?: string;
  readonly awaits?: readonly number[];
  readonly functions?: readonly string[];
  /** Its waits one by one, where there are several. */
  readonly waits?: readonly { readonly awaits?: readonly number[]; readonly functions?: readonly string[] }[];
}

/** Makes a snapshot as it might have come from another process. */
export function picture(...sketches: readonly Sketch[]): Snapshot {
  const tasks = sketches.map(task);
  return { pid: 1, thread: 7, takenAt: "2026-01-01T00:00:00.000Z", clocks: [], runs: [], tasks, waits: [], scopes: [] };
}

function nameOf(id: number): string {
  return `Task-${id}`;
}

function task({ id, name = nameOf(id), awaits = [], functions, waits }: Sketch): TaskSnapshot {
  const all = waits ?? (awaits.length > 0 || functions !== undefined ? [{ awaits, functions }] : []);
  return {
    id,
    name,
    state: all.length > 0 ? "waiting" : "foreign",
    clock: "host",
    run: null,
    parent: null,
    owner: { kind: "root", name: "root" },
    since: 0,
    scopes: [],
    cancelled: null,
    waits: all.map((wait) => toWait(wait.awaits ?? [], wait.functions)),
    createdAt: null,
    lastWait: null,
  };
}

function toWait(awaits: readonly number[], functions: readonly string[] | undefined): WaitSnapshot {
  return {
    label: awaits.length === 0 ? "sleep(1h)" : awaits.map(nameOf).join(" and "),
    since: 0,
    for: 1_500,
    clock: "host",
    scope: null,
    cancellable: true,
    on: awaits.map((id) => ({ kind: "task", id, name: nameOf(id), status: "pending" })),
    needs: "all",
    stack:
      functions?.map((name, index) => ({
        function: name,
        file: "/app.ts",
        line: 10 + index,
        column: 3,
        async: true,
      })) ?? null,
  };
}
