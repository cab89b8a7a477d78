import type { Handle } from "../kernel/event-loop.ts";
import type { Scope } from "../kernel/scope.ts";
import type { Wait } from "../kernel/wait.ts";
import { describeWaits, type TaskState, taskStates } from "../tasks/inspection/task-states.ts";
import type { Leak } from "./leak.ts";

/** Follows what tsyncio itself knows of some code: its tasks, the waits that belong to none, and scheduled calls. */
export class WorkWatch {
  private readonly scope: Scope;
  /** Whose plain waits count beside those of the scope: the task around the watched code. */
  private readonly around: Scope | undefined;
  private readonly isWatched: () => boolean;
  private readonly before: ReadonlySet<object>;

  /** Looks at everything inside `scope` from now on. */
  constructor(scope: Scope, around: Scope | undefined, isWatched: () => boolean) {
    this.scope = scope;
    this.around = around;
    this.isWatched = isWatched;
    const states = taskStates(scope);
    this.before = new Set([...states.map((state) => state.scope), ...states.flatMap(({ waits }) => waits)]);
  }

  leaks(): Leak[] {
    const states = taskStates(this.scope);
    const tasks = states.filter((state) => state.scope !== this.scope && !this.before.has(state.scope));
    const waits = states
      .filter((state) => state.scope === this.scope || state.scope === this.around)
      .flatMap((state) => state.waits.filter((wait) => !this.before.has(wait)));
    return [...tasks.map(taskLeak), ...waits.map(waitLeak), ...this.calls().map(callLeak)];
  }

  private calls(): readonly Handle[] {
    const { scheduled } = this.scope.loop;
    return [...scheduled].filter(([, inContext]) => inContext(this.isWatched)).map(([handle]) => handle);
  }

  /** Scheduled calls belong to no scope that could be cancelled. */
  cancelCalls(): void {
    for (const call of this.calls()) call.cancel();
  }
}

function taskLeak(state: TaskState): Leak {
  const what = state.waits.length === 0 ? "which waits for nothing of tsyncio" : `which ${describeWaits(state)}`;
  return { kind: "task", what: `the task ${state.name}, ${what}`, origin: undefined };
}

function waitLeak(wait: Wait<never>): Leak {
  return { kind: "wait", what: `a wait for ${wait.label} that nobody awaits`, origin: undefined };
}

function callLeak(call: Handle): Leak {
  const when = `${Math.round(call.when())} ms on its loop's clock`;
  return { kind: "callback", what: `a callback that is scheduled for ${when}`, origin: undefined };
}
