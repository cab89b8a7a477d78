import type { StackFrame } from "../../kernel/debug/call-stack.ts";
import type { ScopeKind } from "../../kernel/scope.ts";
import type { OutcomeStatus } from "../outcome.ts";

/** A picture of what waits in this process, as {@link snapshot} takes it: plain data, frozen, and the same after a trip through JSON. */
export interface Snapshot {
  readonly pid: number;
  /** The id of the thread; 0 is the main one. */
  readonly thread: number;
  /** When it was taken, as an ISO date. */
  readonly takenAt: string;
  readonly clocks: readonly ClockSnapshot[];
  readonly runs: readonly RunSnapshot[];
  /** All tasks that have not ended; each stands before those inside it. */
  readonly tasks: readonly TaskSnapshot[];
  /** What waits outside all tasks: top-level code, an Express handler. */
  readonly waits: readonly WaitSnapshot[];
  /** The blocks that are open outside all tasks, those of the runs included. */
  readonly scopes: readonly ScopeSnapshot[];
}

/** A loop's clock, in a {@link snapshot}. All moments are in milliseconds on one of them. */
export interface ClockSnapshot {
  /** `"host"` for the one of Node's loop, `"simulation-1"` and so on for others. */
  readonly id: string;
  readonly now: number;
  /** Whether its loop is in debug mode: then there are stacks. */
  readonly debug: boolean;
}

/** A `run` or a `Runner` that has not ended, in a {@link snapshot}. */
export interface RunSnapshot {
  readonly id: number;
  readonly name: string;
  readonly clock: string;
  /** Whether its soft stop has begun. */
  readonly stopping: boolean;
  readonly cancelled: CancellationSnapshot | null;
}

/**
 * How far a task of a {@link snapshot} is: `created` (not started), `running` (its code called `snapshot`), `waiting` (on tsyncio), or `foreign`
 * (it awaits something that tsyncio does not know).
 */
export type TaskStateName = "created" | "running" | "waiting" | "foreign";

/** A task that has not ended, in a {@link snapshot}. */
export interface TaskSnapshot {
  /** Unique in the process. */
  readonly id: number;
  readonly name: string;
  readonly state: TaskStateName;
  readonly clock: string;
  /** The `id` of the run in which it is; null outside any. */
  readonly run: number | null;
  /** The `id` of the task around it; null if there is none. */
  readonly parent: number | null;
  /** The scope that sees to its end: a group, a combinator, the run. */
  readonly owner: { readonly kind: ScopeKind; readonly name: string };
  /** When the longest of its waits began; null if it does not wait on tsyncio. */
  readonly since: number | null;
  /** The blocks that are open in it, each before those that it contains. */
  readonly scopes: readonly ScopeSnapshot[];
  /** The cancellation that is in force in its own scope. */
  readonly cancelled: CancellationSnapshot | null;
  readonly waits: readonly WaitSnapshot[];
  /** Where it was created, in debug mode. */
  readonly createdAt: readonly StackFrame[] | null;
  /** Where it waited last, in debug mode. */
  readonly lastWait: readonly StackFrame[] | null;
}

/** A block inside a task of a {@link snapshot}: `timeout`, `taskGroup`, `shield`… */
export interface ScopeSnapshot {
  readonly kind: ScopeKind;
  readonly name: string;
  /** The index of the block around it in the same list; null if the task itself is around it. */
  readonly inside: number | null;
  /** When a timeout ends it; null if none does. */
  readonly deadline: number | null;
  /** Until when a shield protects it from a cancellation; null if none is under way. */
  readonly graceEnd: number | null;
  readonly cancelled: CancellationSnapshot | null;
}

/** A cancellation in force, in a {@link snapshot}. */
export interface CancellationSnapshot {
  /** The name of the scope that was cancelled: this one, or one around it. */
  readonly scope: string;
  /** What was given to `cancel()`, in words; null if nothing was. */
  readonly reason: string | null;
  /** The name of the task that called `cancel()`; null if it was called outside any. */
  readonly by: string | null;
}

/** One open wait, in a {@link snapshot}. */
export interface WaitSnapshot {
  /** What is waited for, in words. */
  readonly label: string;
  readonly since: number;
  /** How long it has lasted, in milliseconds. */
  readonly for: number;
  readonly clock: string;
  /** The index of the block in which it is, in the list of the task; null for the task itself. */
  readonly scope: number | null;
  /** Whether a cancellation ends it. */
  readonly cancellable: boolean;
  /** The tasks and futures that it awaits; empty if it waits for something else. */
  readonly on: readonly AwaitedSnapshot[];
  /** Whether all of `on` must end, or one of them is enough, or something else. */
  readonly needs: "all" | "any";
  /** Where it was begun, in debug mode; innermost first. */
  readonly stack: readonly StackFrame[] | null;
}

/** A task or future that is awaited, in a {@link snapshot}. */
export interface AwaitedSnapshot {
  readonly kind: "task" | "future";
  /** Unique among those of its kind. */
  readonly id: number;
  readonly name: string;
  readonly status: OutcomeStatus;
}
