import { threadId } from "node:worker_threads";
import type { CancelledError } from "../../errors.ts";
import { currentScope, rootScope } from "../../kernel/context.ts";
import type { EventLoop } from "../../kernel/event-loop.ts";
import type { Scope } from "../../kernel/scope.ts";
import type { Wait } from "../../kernel/wait.ts";
import type { Outcome, OutcomeStatus } from "../outcome.ts";
import { awaitedBy, isEnoughOfOne } from "./awaited.ts";
import type {
  AwaitedSnapshot,
  CancellationSnapshot,
  ClockSnapshot,
  RunSnapshot,
  ScopeSnapshot,
  Snapshot,
  TaskSnapshot,
  TaskStateName,
  WaitSnapshot,
} from "./snapshot.ts";
import { type TaskState, taskStates } from "./task-states.ts";

/** What is read of a task, which may be of another copy of tsyncio. */
export interface ViewedTask {
  readonly id: number;
  readonly name: string;
  readonly status: OutcomeStatus;
  readonly begun: boolean;
}

/** The task of a scope; undefined if the scope is none of a task. */
export function taskOf(scope: Scope): ViewedTask | undefined {
  return scope.kind === "task" ? (scope as unknown as { readonly task: ViewedTask }).task : undefined;
}

/** Takes a picture of a scope and all that is inside it. */
export function takeSnapshot(from: Scope): Snapshot {
  const camera = new Camera();
  const states = taskStates(from);
  const [outside] = states as readonly [TaskState, ...TaskState[]];
  const first = taskOf(from) === undefined ? 1 : 0;
  const tasks = states.slice(first).map((state) => camera.task(state));
  const runs = states.flatMap(({ blocks }) =>
    blocks.filter(({ kind }) => kind === "run").map((run) => camera.run(run)),
  );
  const waits = first === 0 ? [] : outside.waits.map((wait) => camera.wait(wait, outside));
  const scopes = first === 0 ? [] : camera.scopes(outside);
  const takenAt = new Date().toISOString();
  return deepFreeze({ pid: process.pid, thread: threadId, takenAt, clocks: camera.clocks, runs, tasks, waits, scopes });
}

/** Ids of what has none of its own, the same in each snapshot. */
const ids = {
  future: new WeakMap<object, number>(),
  run: new WeakMap<object, number>(),
  loop: new WeakMap<object, number>(),
};
const lastIds = { future: 0, run: 0, loop: 0 };

function idOf(kind: keyof typeof ids, object: object): number {
  const known = ids[kind].get(object);
  if (known !== undefined) return known;
  lastIds[kind] += 1;
  ids[kind].set(object, lastIds[kind]);
  return lastIds[kind];
}

/** Turns what is alive into plain data. */
class Camera {
  readonly clocks: ClockSnapshot[] = [];
  private readonly clockIds: Map<EventLoop, string> = new Map();
  private readonly running: Scope | undefined = taskScopeAround(currentScope());

  task(state: TaskState): TaskSnapshot {
    const { scope, parent, waits } = state;
    const task = taskOf(scope) as ViewedTask;
    const hooks = scope.loop.debugHooks;
    const owner = scope.parent as Scope;
    const run = enclosingRun(scope);
    return {
      id: task.id,
      name: task.name,
      state: this.stateOf(state, task),
      clock: this.clock(scope.loop),
      run: run === null ? null : idOf("run", run),
      parent: (parent === null ? undefined : taskOf(parent.scope))?.id ?? null,
      owner: { kind: owner.kind, name: owner.name },
      since: waits.length === 0 ? null : Math.min(...waits.map(({ since }) => since)),
      scopes: this.scopes(state),
      cancelled: cancellation(scope.effective),
      waits: waits.map((wait) => this.wait(wait, state)),
      createdAt: hooks?.creationOf(task)?.frames ?? null,
      lastWait: hooks?.lastWaitOf(scope)?.frames ?? null,
    };
  }

  run(scope: Scope): RunSnapshot {
    return {
      id: idOf("run", scope),
      name: scope.name,
      clock: this.clock(scope.loop),
      stopping: (scope as unknown as { readonly stopping: { isSet(): boolean } }).stopping.isSet(),
      cancelled: cancellation(scope.effective),
    };
  }

  scopes({ blocks }: TaskState): readonly ScopeSnapshot[] {
    const indices = new Map(blocks.slice(1).map((block, index) => [block, index]));
    return blocks.slice(1).map((block) => ({
      kind: block.kind,
      name: block.name,
      inside: indices.get(block.parent as Scope) ?? null,
      deadline: deadlineOf(block),
      graceEnd: block.graceEnd === null || block.kind !== "shield" ? null : finite(block.graceEnd),
      cancelled: cancellation(block.effective),
    }));
  }

  wait(wait: Wait<never>, { blocks }: TaskState): WaitSnapshot {
    const scope = wait.scope as Scope;
    const index = blocks.indexOf(scope);
    return {
      label: wait.label,
      since: wait.since,
      for: Math.max(0, scope.loop.time() - wait.since),
      clock: this.clock(scope.loop),
      scope: index <= 0 ? null : index - 1,
      cancellable: !wait.uncancellable,
      on: awaitedBy(wait).map(awaited),
      needs: isEnoughOfOne(wait) ? "any" : "all",
      stack: scope.loop.debugHooks?.stackOf(wait)?.frames ?? null,
    };
  }

  private stateOf({ scope, waits }: TaskState, task: ViewedTask): TaskStateName {
    if (scope === this.running) return "running";
    if (!task.begun) return "created";
    return waits.length > 0 ? "waiting" : "foreign";
  }

  private clock(loop: EventLoop): string {
    const known = this.clockIds.get(loop);
    if (known !== undefined) return known;
    const id = loop === rootScope.loop ? "host" : `simulation-${idOf("loop", loop)}`;
    this.clockIds.set(loop, id);
    this.clocks.push({ id, now: loop.time(), debug: loop.debug });
    return id;
  }
}

function awaited(outcome: Outcome<unknown>): AwaitedSnapshot {
  const { name, status } = outcome;
  const { id } = outcome as Partial<ViewedTask>;
  if (id === undefined) return { kind: "future", id: idOf("future", outcome), name, status };
  return { kind: "task", id, name, status };
}

function cancellation(error: CancelledError | null): CancellationSnapshot | null {
  if (error === null) return null;
  const { reason, scope, cancelledBy = null } = error;
  return { scope: scope.name, reason: reason === undefined ? null : describeReason(reason), by: cancelledBy };
}

function describeReason(reason: unknown): string {
  return typeof reason === "string" ? reason : String(reason);
}

function deadlineOf(scope: Scope): number | null {
  const { when } = scope as Partial<{ when(): number | null }>;
  if (scope.kind !== "timeout" || when === undefined) return null;
  const deadline = when.call(scope);
  return deadline === null ? null : finite(deadline);
}

/** JSON knows no Infinity. */
function finite(moment: number): number | null {
  return Number.isFinite(moment) ? moment : null;
}

function enclosingRun(from: Scope): Scope | null {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) if (scope.kind === "run") return scope;
  return null;
}

function taskScopeAround(from: Scope): Scope | undefined {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) if (scope.kind === "task") return scope;
  return undefined;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
