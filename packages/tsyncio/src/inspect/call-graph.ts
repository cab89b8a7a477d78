import { currentScope, rootScope } from "../kernel/context.ts";
import { CallStack, type StackFrame } from "../kernel/debug/call-stack.ts";
import type { Scope } from "../kernel/scope.ts";
import { describeValue } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { awaitedBy } from "../tasks/inspection/awaited.ts";
import { type TaskState, taskStates } from "../tasks/inspection/task-states.ts";
import { Outcome } from "../tasks/outcome.ts";
import { currentTask, type TaskScope } from "../tasks/task.ts";

/** Options of {@link captureCallGraph}. */
export interface CallGraphOptions {
  /** How many of the innermost frames of the calling code are left out. Default: 0. */
  readonly depth?: number;
  /** How many frames each call stack has at most: the innermost, or, if it is negative, the outermost. Default: all. */
  readonly limit?: number;
}

/** A task or future, where it is, and who awaits it: what {@link captureCallGraph} finds out. */
export interface CallGraph {
  /** Null for code outside any task that awaits something. */
  readonly future: Outcome<unknown> | null;
  readonly name: string;
  /** What it waits for, in words; null if it does not wait on tsyncio. */
  readonly waitsFor: string | null;
  /**
   * Innermost first. For the current task it is always there, for others in debug mode: where the task waits, or, within
   * `awaitedBy`, where it waits for the one above. Null if it is not known.
   */
  readonly callStack: readonly StackFrame[] | null;
  readonly awaitedBy: readonly CallGraph[];
  /** Why `awaitedBy` is left empty: it stands further up on the way here (a cycle), or elsewhere in this graph. */
  readonly repeats: "cycle" | "elsewhere" | null;
}

/**
 * Finds out where a task is and who awaits it, and who awaits these, and so on: through groups, `gather`, `map`, `race`,
 * `wait`, `asCompleted`, `select` and plain `await`. By default for the current task; null outside any. Never waits; can be
 * called from sync code. Only what waits through tsyncio is linked: if a promise of one's own is between, the way ends there.
 *
 *     const task = createTask(() => fetchPage(url));
 *     const graph = captureCallGraph(task);
 *     console.log(graph?.awaitedBy.map(({ name }) => name));
 *
 * @throws TypeError for what is neither a task nor a future.
 */
export function captureCallGraph(
  future: Outcome<unknown> | undefined = currentTask(),
  options: CallGraphOptions = {},
): CallGraph | null {
  if (future === undefined) return null;
  if (!(future instanceof Outcome)) {
    throw new TypeError(`captureCallGraph: expected a task or a future, got ${describeValue(future)}`);
  }
  const here = new CallStack(captureCallGraph).frames.slice(options.depth ?? 0);
  return new CallGraphs(here, options.limit).capture(future);
}

/** A node that is not finished. */
interface Growing extends Omit<CallGraph, "awaitedBy" | "repeats"> {
  awaitedBy: Growing[];
  repeats: CallGraph["repeats"];
}

interface Awaiter {
  readonly state: TaskState;
  readonly wait: Wait<never>;
}

/** The way down to a node. */
interface Chain {
  readonly future: Outcome<unknown> | null;
  readonly below: Chain | null;
}

class CallGraphs {
  private readonly here: readonly StackFrame[];
  private readonly limit: number | undefined;
  private readonly awaiters: Map<Outcome<unknown>, Awaiter[]> = new Map();
  private readonly states: Map<Outcome<unknown>, TaskState> = new Map();
  private readonly expanded: Set<Outcome<unknown>> = new Set();

  constructor(here: readonly StackFrame[], limit: number | undefined) {
    this.here = here;
    this.limit = limit;
    for (const state of taskStates(rootScope)) {
      const task = taskOf(state.scope);
      if (task !== null) this.states.set(task, state);
      for (const wait of state.waits) this.index(state, wait);
    }
  }

  private index(state: TaskState, wait: Wait<never>): void {
    for (const outcome of awaitedBy(wait)) {
      const known = this.awaiters.get(outcome);
      if (known === undefined) this.awaiters.set(outcome, [{ state, wait }]);
      else known.push({ state, wait });
    }
  }

  capture(future: Outcome<unknown>): CallGraph {
    const wait = this.states.get(future)?.waits.at(-1);
    const root = this.node(future, future.name, wait);
    const pending: { readonly node: Growing; readonly below: Chain | null }[] = [{ node: root, below: null }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, below } = next;
      if (node.future === null) continue;
      if (isOn(below, node.future)) node.repeats = "cycle";
      else if (this.expanded.has(node.future)) node.repeats = "elsewhere";
      if (node.repeats !== null) continue;
      this.expanded.add(node.future);
      const chain: Chain = { future: node.future, below };
      node.awaitedBy = (this.awaiters.get(node.future) ?? []).map((awaiter) =>
        this.node(taskOf(awaiter.state.scope), awaiter.state.name, awaiter.wait),
      );
      for (const above of node.awaitedBy.toReversed()) pending.push({ node: above, below: chain });
    }
    return root;
  }

  private node(future: Outcome<unknown> | null, name: string, wait: Wait<never> | undefined): Growing {
    const isCurrent = future !== null && future === currentTask();
    const frames = isCurrent ? this.here : stackOf(wait);
    return {
      future,
      name,
      waitsFor: isCurrent ? null : (wait?.label ?? null),
      callStack: frames === null ? null : this.limited(frames),
      awaitedBy: [],
      repeats: null,
    };
  }

  private limited(frames: readonly StackFrame[]): readonly StackFrame[] {
    const { limit } = this;
    if (limit === undefined) return frames;
    return limit >= 0 ? frames.slice(0, limit) : frames.slice(limit);
  }
}

/** The task of a scope, which may be of another copy of tsyncio. */
function taskOf(scope: Scope): Outcome<unknown> | null {
  return scope.kind === "task" ? (scope as TaskScope).task : null;
}

function stackOf(wait: Wait<never> | undefined): readonly StackFrame[] | null {
  if (wait === undefined) return null;
  const { loop } = wait.scope ?? currentScope();
  return loop.debugHooks?.stackOf(wait)?.frames ?? null;
}

function isOn(chain: Chain | null, future: Outcome<unknown>): boolean {
  for (let at = chain; at !== null; at = at.below) if (at.future === future) return true;
  return false;
}
