import type { Scope } from "../kernel/scope.ts";
import type { Wait } from "../kernel/wait.ts";

/** A task, or the run around all of them, and the waits that are open in it, its blocks included. */
export interface TaskState {
  readonly scope: Scope;
  readonly name: string;
  /** How many tasks are around it. */
  readonly depth: number;
  readonly waits: readonly Wait<never>[];
}

/** What is going on inside a scope: first itself, then the tasks in it, each before those that it contains. */
export function taskStates(scope: Scope): readonly TaskState[] {
  const states: TaskState[] = [];
  collect(scope, 0, states);
  return states;
}

function collect(scope: Scope, depth: number, states: TaskState[]): void {
  const waits: Wait<never>[] = [];
  states.push({ scope, name: scope.name, depth, waits });
  const blocks = [scope];
  for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
    waits.push(...block.waits.snapshot());
    for (const child of block.childScopes()) {
      if (child.kind === "task") collect(child, depth + 1, states);
      else blocks.push(child);
    }
  }
}

/** What a task waits for, in words. */
export function describeWaits(state: TaskState): string {
  if (state.waits.length === 0) return "does not wait on tsyncio";
  return `waits for ${state.waits.map((wait) => wait.label).join(", ")}`;
}
