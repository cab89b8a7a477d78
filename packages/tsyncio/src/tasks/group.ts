import { InvalidStateError } from "../errors.ts";
import { runIn } from "../kernel/context.ts";
import { expectFunction, expectLimit } from "../kernel/values.ts";
import type { Coroutine } from "./coroutine.ts";
import { taskBody, taskName, type TaskOptions } from "./create-task.ts";
import { Crew } from "./crew.ts";
import { combineFailures } from "./failures.ts";
import { Future } from "./future.ts";
import { GroupResults } from "./group-results.ts";
import { closeResources, hasResources } from "./resource.ts";
import { type Task, untilEnded } from "./task.ts";
import { BlockScope } from "./block-scope.ts";

/** Options of {@link taskGroup}. */
export interface TaskGroupOptions {
  readonly name?: string;
  /** How many children run at once; the others wait in order. From 1 on; default: no limit. */
  readonly limit?: number;
  /** Whether the first failure cancels the others, or they go on (a supervisor). Default: `"cancel"`. */
  readonly onError?: "cancel" | "continue";
  /** Whether failures are always thrown as an `AggregateError`, as in Python. Default: false. */
  readonly aggregate?: boolean;
}

/** Options of `createTask` of the group of a {@link taskGroup}. */
export interface ChildOptions extends TaskOptions {
  /** Whether the group does not wait for this child: it takes no slot, and is cancelled when only such are left. */
  readonly daemon?: boolean;
}

/**
 * The children of a {@link taskGroup}. Its block goes through three phases:
 *
 *     open ──body has ended──▶ joining ──children have ended──▶ ended
 *        └─────── a failure or cancel() cancels the scope ───────┘
 *
 * - **G1** When the block has ended, so have all children.
 * - **G2** No failure is lost: each is thrown, or stands in the `suppressed` of the one that is, or goes to the caller of
 *   `start`.
 * - **G3** A cancellation from outside is passed on outward if it ended a child or the body.
 */
export class TaskGroup {
  readonly name: string;
  /** @internal */
  readonly scope: BlockScope;
  private phase: "open" | "joining" | "ended" = "open";
  private readonly onError: "cancel" | "continue";
  private readonly children: Crew;
  private readonly daemons: Crew;
  private readonly failures: unknown[] = [];
  /** Children whose failure goes to the caller of `start` instead of the group. */
  private readonly starting: Map<Task<unknown>, (error: unknown) => void> = new Map();
  private readonly resultReaders: Set<GroupResults> = new Set();
  /** Whether a cancellation from outside ended a child. */
  private cutShort = false;
  /** What `createTask` has thrown because the group shuts down: a consequence of the failure, and none of its own. */
  private refusals: WeakSet<object> | null = null;

  /** @internal */
  constructor(options: TaskGroupOptions) {
    this.name = options.name ?? "taskGroup";
    this.onError = options.onError ?? "cancel";
    this.scope = new BlockScope("group", this.name);
    const childDone = (task: Task<unknown>): void => this.childDone(task);
    this.children = new Crew(this.scope, expectLimit(options.limit ?? Number.POSITIVE_INFINITY, "limit"), childDone);
    this.daemons = new Crew(this.scope, Number.POSITIVE_INFINITY, childDone);
  }

  /** The children that have not ended. */
  get tasks(): ReadonlySet<Task<unknown>> {
    return new Set([...this.children, ...this.daemons]);
  }

  /**
   * Starts a child. The group sees to its end and its failure.
   * @throws InvalidStateError when the group has ended, or is shutting down after a failure: `fn` is not called.
   */
  createTask<T>(fn: (() => T | PromiseLike<T>) | Coroutine<T>, options: ChildOptions = {}): Task<T> {
    const body = taskBody(fn, "createTask");
    if (this.phase === "ended") throw new InvalidStateError(`${this.name} has ended: it takes no more tasks`);
    if (this.failures.length > 0 && this.onError === "cancel") this.refuse();
    const crew = options.daemon === true ? this.daemons : this.children;
    return crew.add(body, taskName(options, fn), options.eager);
  }

  /**
   * Starts a service as a child, waits until it has called `started(value)`, and resolves to that value. An error
   * before that is thrown here and not by the group. Cancelling the caller cancels the service and waits for its end.
   */
  async start<T = void>(
    service: (started: (value: T) => void) => unknown,
    options: Omit<ChildOptions, "eager"> = {},
  ): Promise<Awaited<T>> {
    expectFunction(service, "start");
    const name = taskName(options, service) ?? "service";
    const ready = new Future<T>({ name: `the start of ${name}` });
    const body = (): unknown =>
      service((value) => {
        ready.setResult(value);
        this.starting.delete(task);
      });
    const task = this.createTask(body, { ...options, name, eager: false });
    this.starting.set(task, (error) => ready.setException(error));
    try {
      return await ready.join();
    } catch (error) {
      // If the caller was cancelled, what the service throws from now on is the group's.
      this.starting.delete(task);
      if (!task.done()) {
        task.cancel(error);
        await untilEnded(task, { uncancellable: true });
      }
      throw error;
    }
  }

  /** Ends the group early and without an error: body and children are cancelled. Returns false if it was before. */
  cancel(reason?: unknown): boolean {
    return this.scope.cancel(reason);
  }

  /**
   * The values of the children that end from now on, in order of completion, until no child is left. A child that
   * fails yields nothing here.
   */
  results(): AsyncIterableIterator<unknown> {
    const reader: GroupResults = new GroupResults(
      () => this.children.size === 0,
      () => this.resultReaders.delete(reader),
    );
    this.resultReaders.add(reader);
    return reader;
  }

  private childDone(task: Task<unknown>): void {
    task.retrieved = true;
    const reportStart = this.starting.size === 0 ? undefined : this.starting.get(task);
    if (reportStart !== undefined) this.starting.delete(task);
    if (reportStart !== undefined) {
      reportStart(
        task.status === "fulfilled"
          ? new InvalidStateError(`${task.name} ended without calling started()`)
          : task.payload,
      );
    } else if (task.status === "failed") {
      this.fail(task.payload, this.onError === "cancel");
    } else if (task.status === "cancelled" && this.scope.outer !== null) {
      this.cutShort = true;
    }
    if (this.resultReaders.size > 0) for (const reader of this.resultReaders) reader.childDone(task);
    if (this.phase === "joining" && this.children.size === 0) this.stopDaemons();
  }

  private refuse(): never {
    const refusal = new InvalidStateError(`${this.name} is shutting down after a failure: it takes no more tasks`);
    (this.refusals ??= new WeakSet()).add(refusal);
    throw refusal;
  }

  private fail(error: unknown, cancelOthers: boolean): void {
    if (this.refusals?.has(error as object) === true) return;
    this.failures.push(error);
    if (cancelOthers) this.scope.cancel(`${this.name}: a sibling failed`);
  }

  private stopDaemons(): void {
    for (const daemon of this.daemons) daemon.cancel(`${this.name}: only daemons are left`);
  }

  /** Runs the block from beginning to end. @internal */
  async run<T>(body: (group: TaskGroup) => T | PromiseLike<T>, aggregate: boolean): Promise<T | undefined> {
    const { scope } = this;
    let value: T | undefined;
    let absorbed = false;
    try {
      value = await runIn(scope, () => body(this));
    } catch (error) {
      if (!scope.isInForce(error)) this.fail(error, true);
      else if (error === scope.own) absorbed = true;
      else this.cutShort = true;
    }
    this.phase = "joining";
    if (this.children.size === 0) this.stopDaemons();
    do {
      await this.children.ended(`the children of ${this.name}`);
      await this.daemons.ended(`the daemons of ${this.name}`);
      // A daemon may have started a child while it unwound.
    } while (this.children.size > 0);
    this.phase = "ended"; // G1
    if (hasResources(scope)) this.failures.push(...(await closeResources(scope)));
    scope.end();
    if (this.failures.length > 0) throw combineFailures(this.failures, this.name, aggregate); // G2
    // G3
    if (scope.outer !== null && (this.cutShort || absorbed)) throw scope.outer;
    return value;
  }
}

/**
 * Runs `body` with a group whose children end before the block does: all of them, whatever happens. Returns the
 * body's value.
 *
 * The first failure, of a child or of the body, cancels all others; once they have ended, that failure itself is
 * thrown, with those that came after it in `suppressed`. A cancellation from outside reaches body and children and is
 * thrown when they have ended, unless the body had returned and no child was cut short. Children start one microtask
 * after their creation, in order.
 *
 *     const page = await taskGroup(async (group) => {
 *       group.createTask(() => heartbeat(), { daemon: true });
 *       const user = group.createTask(() => loadUser(7));
 *       const posts = group.createTask(() => loadPosts(7));
 *       return render(await user, await posts);
 *     });
 */
export async function taskGroup<T>(
  body: (group: TaskGroup) => T | PromiseLike<T>,
  options: TaskGroupOptions = {},
): Promise<T> {
  expectFunction(body, "taskGroup");
  return (await new TaskGroup(options).run(body, options.aggregate === true)) as T;
}
