import type { CancelledError } from "../../errors.ts";

/** What debug mode sees of a loop. */
export interface WatchedLoop {
  readonly slowCallbackDuration: number;
  readonly stuckTaskDuration: number;
  readonly debugHooks: object | null;
}

/** What debug mode sees of a scope. */
export interface WatchedScope {
  readonly kind: string;
  readonly name: string;
  readonly parent: WatchedScope | null;
  readonly loop: WatchedLoop;
  readonly effective: CancelledError | null;
  readonly ended: boolean;
  readonly waits: { readonly first: WatchedWait | null };
  childScopes(): readonly WatchedScope[];
}

/** What debug mode sees of a wait. */
export interface WatchedWait {
  readonly label: string;
  readonly uncancellable: boolean;
}

/** What debug mode sees of a coroutine. */
export interface WatchedCoroutine {
  readonly name: string;
}

/** The scope of the task around a scope; without one, that of the run or the root. */
export function taskAround(scope: WatchedScope): WatchedScope {
  let at = scope;
  while (at.kind !== "task" && at.kind !== "run" && at.parent !== null) at = at.parent;
  return at;
}
