import { currentScope, rootScope } from "../kernel/context.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import type { Scope } from "../kernel/scope.ts";
import { suspend } from "../kernel/suspend.ts";
import { currentRunScope } from "../tasks/run-scope.ts";
import { currentTask } from "../tasks/task.ts";
import { taskStates } from "../tasks/inspection/task-states.ts";
import { SimulatedLoop } from "./simulated-loop.ts";

/**
 * Waits until all other tasks wait: what was started has come as far as it can by itself. In a simulation the clock
 * does not jump before. On Node's own loop it looks at the tasks of the current run (outside any: of the process), until
 * none of them has begun, ended or moved on to another wait during a whole turn of the loop; a task that is busy with the
 * world outside, such as a file, counts as waiting. One that spins (`sleep(0)` again and again) never waits, so neither
 * does this end. Several may wait for all others at once.
 *
 *     await simulate(async () => {
 *       const queue = new Queue<string>();
 *       const reader = createTask(() => queue.get());
 *       await waitAllTasksBlocked();
 *       assert.equal(queue.statistics().getters, 1);
 *       await queue.put("a");
 *       assert.equal(await reader, "a");
 *     });
 */
export async function waitAllTasksBlocked(): Promise<void> {
  const { loop } = currentScope();
  if (loop instanceof SimulatedLoop) {
    await suspend<void>(label, (wait) => loop.whenBlocked(() => wait.resolve()));
    return;
  }
  using others = new Movement(loop);
  let before = othersProgress();
  for (;;) {
    others.seen = false;
    await suspend<void>(label, (wait) => loop.afterTurn(() => wait.resolve()));
    const now = othersProgress();
    if (!others.seen && now.length === before.length && now.every((part, index) => part === before[index])) return;
    before = now;
  }
}

const label = "all other tasks to wait";

/** The other tasks and their waits. Who waits for all others as well does not move by that. */
function othersProgress(): readonly object[] {
  const own = currentTask()?.scope;
  return taskStates(currentRunScope() ?? rootScope)
    .filter(({ scope }) => scope !== own)
    .flatMap(({ scope, waits }) => [scope, ...waits.filter((wait) => wait.label !== label)]);
}

/** Watches whether other tasks of the current run do what need not wait: that leaves no wait by which it would show. */
class Movement implements Disposable {
  seen = false;
  private readonly loop: EventLoop;
  private readonly run: Scope = currentRunScope() ?? rootScope;
  private readonly own: Scope | undefined = currentTask()?.scope;

  constructor(loop: EventLoop) {
    this.loop = loop;
    (loop.immediateWatchers ??= new Set()).add(this.watch);
  }

  private readonly watch = (scope: object): void => {
    let task: Scope | undefined;
    for (let at: Scope | null = scope as Scope; at !== null; at = at.parent) {
      if (at.kind === "task") task ??= at;
      if (at === this.run) this.seen ||= task !== this.own;
    }
  };

  [Symbol.dispose](): void {
    const { loop } = this;
    loop.immediateWatchers?.delete(this.watch);
    if (loop.immediateWatchers?.size === 0) loop.immediateWatchers = null;
  }
}
