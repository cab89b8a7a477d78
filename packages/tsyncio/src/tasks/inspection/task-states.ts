import type { Scope } from "../../kernel/scope.ts";
import type { Wait } from "../../kernel/wait.ts";

/** A task, or the scope at which the walk began, and the waits that are open in it, its blocks included. */
export interface TaskState {
  readonly scope: Scope;
  readonly name: string;
  /** How many tasks are around it. */
  readonly depth: number;
  /** The task around it; null for the first of the walk. */
  readonly parent: TaskState | null;
  /** Its own scope, then those of the blocks inside it, each before those that it contains. */
  readonly blocks: readonly Scope[];
  readonly waits: readonly Wait<never>[];
}

/** What is going on inside a scope: first itself, then the tasks in it, each before those that it contains. */
export function taskStates(from: Scope): readonly TaskState[] {
  const states: TaskState[] = [];
  const unvisited: { readonly scope: Scope; readonly parent: TaskState | null }[] = [{ scope: from, parent: null }];
  for (let next = unvisited.pop(); next !== undefined; next = unvisited.pop()) {
    const { scope, parent } = next;
    const blocks = [scope];
    const waits: Wait<never>[] = [];
    const state = { scope, name: scope.name, depth: parent === null ? 0 : parent.depth + 1, parent, blocks, waits };
    const inside: Scope[] = [];
    for (const block of blocks) {
      block.waits.collect(waits);
      for (const child of block.childScopes()) (child.kind === "task" ? inside : blocks).push(child);
    }
    states.push(state);
    for (const child of inside.toReversed()) unvisited.push({ scope: child, parent: state });
  }
  return states;
}

/** What a task waits for, in words. */
export function describeWaits(state: { readonly waits: readonly { readonly label: string }[] }): string {
  if (state.waits.length === 0) return "does not wait on tsyncio";
  return `waits for ${state.waits.map((wait) => wait.label).join(", ")}`;
}
