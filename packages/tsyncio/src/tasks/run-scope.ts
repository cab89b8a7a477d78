import { currentScope, rootScope } from "../kernel/context.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import type { Latch } from "../kernel/latch.ts";
import type { Scope } from "../kernel/scope.ts";
import type { Selectable } from "../kernel/selectable.ts";
import { BlockScope } from "./block-scope.ts";
import { StopLatch } from "./stop-latch.ts";
import type { Task, TaskOwner } from "./task.ts";

/** What {@link currentRun} tells the code inside a `run` of it. */
export interface Run {
  readonly name: string;
  /** Whether it is cancelled, by itself or from outside. */
  readonly cancelled: boolean;
  /** Set by the first signal when the run has a `drain`: take no more, finish what runs. Never set otherwise. */
  readonly stopping: Pick<Latch, "isSet" | "wait"> & Selectable<void>;
  /** Cancels the run: main and all its tasks. */
  cancel(reason?: unknown): boolean;
}

/** Takes in tasks that belong to no group. */
export interface Household extends TaskOwner {
  adopt(task: Task<unknown>): void;
}

/** The scope of a `run`: it owns the tasks that its code creates, and what is detached in it. */
export class RunScope extends BlockScope implements Run, Household {
  readonly stopping: StopLatch = new StopLatch();
  /** Tasks that have not ended. */
  readonly tasks: Set<Task<unknown>> = new Set();
  /** Tasks that failed, until it is known whether somebody looks at the failure. */
  private readonly suspects: Set<Task<unknown>> = new Set();
  /** Told of a failure that nobody has looked at. */
  onUnretrieved: (error: unknown, task: Task<unknown>) => void = () => {};
  /** Told when the last task has ended. */
  onIdle: () => void = () => {};

  constructor(name: string, parent: Scope, loop: EventLoop, grace: number) {
    super("run", name, parent, loop, grace);
  }

  override cancel(reason?: unknown): boolean {
    if (this.own === null) this.graceEnd = this.loop.time() + this.grace;
    return super.cancel(reason);
  }

  override end(): void {
    this.loop.debugHooks?.runEnded(this);
    super.end();
  }

  adopt(task: Task<unknown>): void {
    this.tasks.add(task);
  }

  taskDone(task: Task<unknown>): void {
    this.tasks.delete(task);
    if (isUnretrieved(task)) {
      this.suspects.add(task);
      this.loop.afterTurn(() => this.judge(task));
    }
    if (this.tasks.size === 0) this.onIdle();
  }

  /** Decides about the suspects now: nobody can look at them any more. */
  judgeAll(): void {
    for (const task of this.suspects) this.judge(task);
  }

  private judge(task: Task<unknown>): void {
    if (!this.suspects.delete(task) || !isUnretrieved(task)) return;
    task.retrieved = true;
    this.onUnretrieved(task.payload, task);
  }
}

/** Owns the tasks that are created outside any run; their unretrieved failures are ordinary unhandled rejections. */
class RootOwner implements Household {
  adopt(): void {}

  taskDone(task: Task<unknown>): void {
    if (!isUnretrieved(task)) return;
    rootScope.loop.afterTurn(() => {
      if (isUnretrieved(task)) void Promise.reject(task.payload);
    });
  }
}

function isUnretrieved(task: Task<unknown>): boolean {
  return task.status === "failed" && !task.retrieved;
}

const rootOwner = new RootOwner();

/** The innermost run around the current code, or null outside any. */
export function currentRunScope(): RunScope | null {
  for (let scope: Scope | null = currentScope(); scope !== null; scope = scope.parent) {
    if (scope.kind === "run" && !scope.ended) return scope as RunScope;
  }
  return null;
}

const noRun: Run = {
  name: "no run",
  cancelled: false,
  stopping: new StopLatch(),
  cancel: () => false,
};

/**
 * The innermost run around the current code. Outside any: one that never stops and cannot be cancelled.
 *
 *     const copyAll = async () => {
 *       for (const url of urls) {
 *         if (currentRun().stopping.isSet()) break;
 *         show(await fetchPage(url));
 *       }
 *     };
 *     await run(copyAll, { drain: "5s" });
 */
export function currentRun(): Run {
  return currentRunScope() ?? noRun;
}

/** Who owns a task that is created here without a group. */
export function surroundingOwner(): { readonly scope: Scope; readonly owner: Household } {
  const run = currentRunScope();
  return run === null ? { scope: rootScope, owner: rootOwner } : { scope: run, owner: run };
}
