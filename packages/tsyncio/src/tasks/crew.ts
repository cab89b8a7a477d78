import { IntrusiveList, type ListNode } from "../kernel/intrusive-list.ts";
import type { Scope } from "../kernel/scope.ts";
import { suspend } from "../kernel/suspend.ts";
import type { Wait } from "../kernel/wait.ts";
import { Task, type TaskOwner, TaskScope } from "./task.ts";

/** A task that waits for a slot, and how to let it start. */
class Applicant implements ListNode<Applicant> {
  readonly task: Task<unknown>;
  readonly release: () => void;
  previous: Applicant | null = null;
  next: Applicant | null = null;

  constructor(task: Task<unknown>, release: () => void) {
    this.task = task;
    this.release = release;
  }
}

/**
 * Tasks that run in one scope, at most `limit` of them at a time, the others in order. What groups and the
 * combinators have in common; each decides for itself what a failure means.
 */
export class Crew implements TaskOwner {
  readonly scope: Scope;
  private readonly limit: number;
  private readonly onDone: (task: Task<unknown>) => void;
  /** How many hold a slot. */
  private running = 0;
  /** Those that wait for a slot, in order. (Reading the first member of a Map walks over all that were deleted.) */
  private readonly line: IntrusiveList<Applicant> = new IntrusiveList();
  private readonly waiting: Map<Task<unknown>, Applicant> = new Map();
  private idle: Wait<void> | null = null;

  constructor(scope: Scope, limit: number, onDone: (task: Task<unknown>) => void) {
    this.scope = scope;
    this.limit = limit;
    this.onDone = onDone;
  }

  /** How many have not ended. */
  get size(): number {
    return this.running + this.waiting.size;
  }

  /** Those that have not ended, in order of their creation. */
  *[Symbol.iterator](): IterableIterator<Task<unknown>> {
    for (const child of this.scope.childScopes()) {
      if (child instanceof TaskScope && child.task.owner === this) yield child.task;
    }
  }

  add<T>(body: () => T | PromiseLike<T>, name?: string, eager = false): Task<T> {
    const task = new Task<T>(this.scope, this, body, name);
    if (this.running >= this.limit) {
      const member = task as Task<unknown>;
      const applicant = new Applicant(member, task.startWhenReleased());
      this.waiting.set(member, applicant);
      this.line.append(applicant);
      return task;
    }
    this.running += 1;
    if (eager) task.startNow();
    else task.startSoon();
    return task;
  }

  taskDone(task: Task<unknown>): void {
    if (!this.withdraw(task)) this.running -= 1;
    this.onDone(task);
    this.fillSlots();
    if (this.idle !== null && this.size === 0) this.idle.resolve();
  }

  private fillSlots(): void {
    while (this.running < this.limit && this.line.first !== null) {
      const { task, release } = this.line.first;
      this.withdraw(task);
      this.running += 1;
      release();
    }
  }

  /** Takes a task out of the line; returns false if it does not stand there. */
  private withdraw(task: Task<unknown>): boolean {
    const applicant = this.waiting.size === 0 ? undefined : this.waiting.get(task);
    if (applicant === undefined) return false;
    this.waiting.delete(task);
    this.line.remove(applicant);
    return true;
  }

  /**
   * Waits until all have ended, also those that are added meanwhile. Outlives a cancellation: it has reached the
   * tasks too, and nothing may go on behind the caller's back.
   */
  async ended(label: string): Promise<void> {
    while (this.size > 0) {
      await suspend<void>(
        label,
        (wait) => {
          this.idle = wait;
          wait.target = this;
        },
        { uncancellable: true },
      );
      this.idle = null;
    }
    const turn = this.scope.loop.turnIfDue();
    if (turn !== null) await turn;
  }
}

/**
 * Whether a job of a combinator came to grief by itself: it failed, or it cancelled itself. One that was cancelled
 * together with the combinator did not.
 */
export function cameToGrief(task: Task<unknown>, combinator: Scope): boolean {
  return task.status === "failed" || (task.status === "cancelled" && combinator.effective === null);
}
