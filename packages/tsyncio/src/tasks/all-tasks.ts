import { rootScope } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import type { Task, TaskScope } from "./task.ts";

/**
 * The tasks of this process that have not ended, in all its runs and outside of them: also mains, children of groups
 * and the jobs of `gather` and the like, and those that have not started. A task stands before those inside it. Reads
 * the tree of scopes anew at each call and never waits; the set is the caller's to keep.
 *
 *     for (const task of allTasks()) console.error(task); // <Task worker-3 pending> …
 */
export function allTasks(): Set<Task<unknown>> {
  const tasks = new Set<Task<unknown>>();
  const unvisited: Scope[] = [rootScope];
  for (let scope = unvisited.pop(); scope !== undefined; scope = unvisited.pop()) {
    if (scope.kind === "task") tasks.add((scope as TaskScope).task);
    unvisited.push(...scope.childScopes().toReversed());
  }
  return tasks;
}
