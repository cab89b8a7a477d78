import { DeadlockError } from "../errors.ts";
import type { Coroutine } from "../tasks/coroutine.ts";
import { taskBody } from "../tasks/create-task.ts";
import { deadlockReport } from "../tasks/deadlock.ts";
import { run } from "../tasks/run.ts";
import { currentRunScope, type RunScope } from "../tasks/run-scope.ts";
import { taskStates } from "../tasks/inspection/task-states.ts";
import { SimulatedLoop } from "./simulated-loop.ts";

/** Options of {@link simulate}. */
export interface SimulateOptions {
  /** Decides the order in which those who are ready go on. The same seed gives the same order. Default: 0. */
  readonly seed?: number;
}

/**
 * Runs a main function in virtual time: `sleep("1h")` takes no time, because the clock jumps to the next timer as
 * soon as all tasks wait; it starts at 0. The order in which those who are ready go on is random, but the same for
 * the same seed. While something outside tsyncio is awaited with `interruptible` or `withSignal`, time stands still; a
 * bare `await` of a foreign promise is not seen, so the clock may jump meanwhile. Rejects with a `DeadlockError` when
 * all wait and nothing could wake them.
 *
 *     const elapsed = await simulate(async () => {
 *       await sleep("1h");
 *       return getRunningLoop().time();
 *     });
 *     console.log(elapsed); // 3600000
 */
export async function simulate<T>(
  main: (() => T | PromiseLike<T>) | Coroutine<T>,
  options: SimulateOptions = {},
): Promise<T> {
  const loop = new SimulatedLoop(options.seed ?? 0);
  let deadlock: DeadlockError | undefined;
  const body = taskBody(main, "simulate");
  const supervised = (): T | PromiseLike<T> => {
    const scope = currentRunScope() as RunScope;
    loop.onStuck = () => {
      if (deadlock !== undefined || someAwaitOthers(scope)) return;
      deadlock = new DeadlockError(deadlockReport(scope));
      scope.cancel(deadlock);
    };
    return body();
  };
  try {
    return await run(supervised, { name: "simulation", loop, signals: [] });
  } catch (error) {
    throw deadlock ?? error;
  } finally {
    loop.stop();
  }
}

/**
 * Whether a task awaits something that is no wait of tsyncio, which may still wake it. If it does not, Node has nothing
 * left to do, and the run itself finds that out.
 */
function someAwaitOthers(run: RunScope): boolean {
  return taskStates(run).some(({ scope, waits }) => scope.kind === "task" && waits.length === 0);
}
