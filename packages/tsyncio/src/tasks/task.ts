import { AsyncLocalStorage } from "node:async_hooks";
import { InvalidStateError } from "../errors.ts";
import { currentScope, enter } from "../kernel/context.ts";
import { Scope } from "../kernel/scope.ts";
import { immediate, suspend, type SuspendOptions } from "../kernel/suspend.ts";
import { isThenable } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { formatTasks } from "./inspection/format-tasks.ts";
import { takeSnapshot } from "./inspection/take-snapshot.ts";
import { combineFailures } from "./failures.ts";
import { Outcome, type OutcomeStatus } from "./outcome.ts";
import { closeResources, handOnResources, hasResources } from "./resource.ts";

/** Who sees to it that a task ends, and to what becomes of its failure. */
export interface TaskOwner {
  taskDone(task: Task<unknown>): void;
}

type FinalStatus = Exclude<OutcomeStatus, "pending">;

const idsKey = Symbol.for("tsyncio.task-ids.1");

/** Ids are unique in the process, so all copies of tsyncio draw from one source. */
const ids: { last: number } = ((globalThis as { [idsKey]?: { last: number } })[idsKey] ??= { last: 0 });

/** Where all tasks hang that start in the next microtask. */
const settled = Promise.resolve();

/**
 * A function that runs, with an owner who sees to its end. Made by {@link createTask} and by groups.
 *
 *     created ──start──▶ running ──body settles──▶ closing ──its resources are closed──▶ fulfilled
 *        │                                                                               failed
 *        └──cancelled before its start─────────────────────────────────────────────────▶ cancelled
 *
 * A task is *cancelled* if and only if its body throws the cancellation in force in its scope, its own or one from
 * outside. A body that returns a value although it was cancelled has fulfilled its task.
 *
 * - **T1** A body is called at most once, and not at all if the task was cancelled before its start.
 * - **T2** A task is done only after its scope has ended: nothing of it waits any more in there.
 * - **T3** Its owner is told exactly once, after those who observe it.
 */
export class Task<T> extends Outcome<T> {
  /** A number that no other task of this process has; later tasks have higher ones. */
  readonly id: number = (ids.last += 1);
  /** @internal */
  readonly scope: TaskScope;
  /** @internal */
  readonly owner: TaskOwner;
  private readonly givenName: string | undefined;
  /** The body as long as the task is created; null from its start on (T1). */
  private body: (() => T | PromiseLike<T>) | null;

  /** @internal */
  constructor(parent: Scope, owner: TaskOwner, body: () => T | PromiseLike<T>, name?: string) {
    super();
    this.owner = owner;
    this.body = body;
    this.givenName = name;
    this.scope = new TaskScope(parent, this);
    if (parent.loop.debugHooks !== null) parent.loop.debugHooks.created(this);
  }

  /** What was given at its creation, or `Task-7`. */
  get name(): string {
    return this.givenName ?? `Task-${this.id}`;
  }

  /**
   * Cancels the task: each wait inside rejects until its body has ended. Returns false if it is done or was
   * cancelled before. Does not wait; see {@link cancelAndWait}. One that has not started never does.
   */
  cancel(reason?: unknown): boolean {
    const cancelled = this.scope.cancel(reason);
    // One that waits for its turn in a group would otherwise stay pending until then.
    if (cancelled && this.body !== null) this.startSoon();
    return cancelled;
  }

  /**
   * Cancels the task and waits until it has unwound, whatever its outcome. Cancelling the caller stops the waiting.
   */
  async cancelAndWait(reason?: unknown): Promise<void> {
    this.cancel(reason);
    this.retrieved = true;
    if (this.done()) await immediate(() => undefined);
    else await untilEnded(this);
  }

  /**
   * Prints, to the standard error, what the task and the tasks inside it wait for; in debug mode, also where. For who
   * awaits it, see `printCallGraph` of `tsyncio/inspect`.
   */
  printStack(): void {
    const lines = this.done() ? [`${this.name} (${this.describe()})`] : formatTasks(takeSnapshot(this.scope));
    console.error(lines.join("\n"));
  }

  /** Whether its body has been called, or never will be. @internal */
  get begun(): boolean {
    return this.body === null;
  }

  /** Starts the task now; what it does to the async context stays inside. @internal */
  startNow(): void {
    AsyncLocalStorage.snapshot()(() => this.start());
  }

  /** Starts the task one microtask later, in the async context of the caller. @internal */
  startSoon(): void {
    const { loop } = this.scope;
    void (loop.direct ? settled : loop.settled(undefined)).then(() => this.start());
  }

  /** Starts the task when the returned function is called, in the async context of this call. @internal */
  startWhenReleased(): () => void {
    const { loop } = this.scope;
    let release = (): void => {};
    void new Promise<void>((resolve) => {
      release = resolve;
    }).then(() => this.start());
    return () => {
      const turn = loop.turnIfDue();
      if (turn === null) release();
      else void turn.then(release);
    };
  }

  private start(): void {
    const { body } = this;
    if (body === null) return;
    this.body = null; // T1
    // A task that only starts another one waits for nothing that is counted.
    this.scope.loop.count();
    if (this.scope.effective !== null) this.fail(this.scope.effective);
    else {
      enter(this.scope);
      execute(this, body);
    }
  }

  /** @internal */
  succeed(value: T): void {
    const { scope } = this;
    if (scope.parent?.kind === "combinator" && scope.effective === null) handOnResources(scope);
    if (hasResources(scope)) void this.closeThenFinish("fulfilled", value);
    else this.finish("fulfilled", value);
  }

  /** @internal */
  fail(error: unknown): void {
    const status = this.scope.isInForce(error) ? "cancelled" : "failed";
    if (hasResources(this.scope)) void this.closeThenFinish(status, error);
    else this.finish(status, error);
  }

  private async closeThenFinish(status: FinalStatus, payload: unknown): Promise<void> {
    const failures = await closeResources(this.scope);
    if (failures.length === 0) return this.finish(status, payload);
    const all = status === "failed" ? [payload, ...failures] : failures;
    return this.finish("failed", combineFailures(all, `the close of the resources of ${this.name}`));
  }

  private finish(status: FinalStatus, payload: unknown): void {
    if (this.done()) return;
    const { debugHooks } = this.scope.loop;
    if (debugHooks !== null) debugHooks.taskEnded(this.scope);
    this.scope.end(); // T2
    this.settle(status, payload);
    this.owner.taskDone(this); // T3
  }

  /** @internal */
  override join(): Promise<Awaited<T>> {
    if (!this.done() && isInside(currentScope(), this.scope)) {
      const { loop } = this.scope;
      loop.count();
      return loop.rejected(new InvalidStateError(`${this.name} awaits itself, and would wait for ever`));
    }
    return super.join();
  }
}

/** Waits for the end of a task that is not done, whatever its outcome. @internal */
export function untilEnded(task: Task<unknown>, options?: SuspendOptions): Promise<void> {
  const start = (wait: Wait<void>): (() => void) => {
    wait.target = task;
    return task.observe(() => wait.resolve());
  };
  return suspend<void>(`the end of ${task.name}`, start, options);
}

function execute<T>(task: Task<T>, body: () => T | PromiseLike<T>): void {
  try {
    const result = body();
    if (isThenable(result)) {
      result.then(
        (value) => task.succeed(value),
        (error: unknown) => task.fail(error),
      );
    } else {
      task.succeed(result);
    }
  } catch (error) {
    task.fail(error);
  }
}

/** The scope of a task: it is cancelled when the task is. @internal */
export class TaskScope extends Scope {
  readonly task: Task<unknown>;

  constructor(parent: Scope, task: Task<unknown>) {
    super("task", parent, parent.loop);
    this.task = task;
  }

  override get name(): string {
    return this.task.name;
  }
}

/**
 * The task to which the current code belongs; undefined outside any.
 *
 *     const worker = async () => {
 *       console.log(currentTask()?.name); // worker 1
 *     };
 *     await createTask(worker, { name: "worker 1" });
 */
export function currentTask(): Task<unknown> | undefined {
  for (let scope: Scope | null = currentScope(); scope !== null; scope = scope.parent) {
    if (scope.kind === "task") return (scope as TaskScope).task;
  }
  return undefined;
}

function isInside(scope: Scope | null, ancestor: Scope): boolean {
  // Only up to the nearest task: a child that awaits its parent's task is a cycle too, but one that a group reports.
  for (let at = scope; at !== null; at = at.parent) {
    if (at === ancestor) return true;
    if (at.kind === "task") return false;
  }
  return false;
}
