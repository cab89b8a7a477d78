import { describeValue } from "../kernel/values.ts";
import { Coroutine } from "./coroutine.ts";
import { jobName } from "./job.ts";
import { surroundingOwner } from "./run-scope.ts";
import { Task } from "./task.ts";

/** Options of {@link createTask}. */
export interface TaskOptions {
  /**
   * What messages and the inspection tools call the task; what is no string is turned into one. Default: the
   * function's name, or `Task-7`.
   */
  readonly name?: string;
  /** Whether the function runs to its first `await` before `createTask` returns. Default: false. */
  readonly eager?: boolean;
}

/**
 * Starts a function as a task of its own, one microtask later (`eager`: at once). The surrounding `run` owns it: a
 * task that is still running when main ends is cancelled and awaited, and a failure that nobody looks at fails the
 * run. Outside a run, such a failure is an ordinary unhandled rejection. A cancelled creator does not cancel it; for
 * children that must not outlive a block, use `taskGroup`.
 *
 *     const task = createTask(() => fetchPage(url), { name: "fetch the page" });
 *     console.log(task.done()); // false
 *     show(await task);
 */
export function createTask<T>(fn: (() => T | PromiseLike<T>) | Coroutine<T>, options: TaskOptions = {}): Task<T> {
  const { scope, owner } = surroundingOwner();
  const task = new Task<T>(scope, owner, taskBody(fn, "createTask"), taskName(options, fn));
  owner.adopt(task);
  if (options.eager === true) task.startNow();
  else task.startSoon();
  return task;
}

/** The given name, as a string whatever it is, or the function's. */
export function taskName(options: TaskOptions, fn: unknown): string | undefined {
  // oxlint-disable-next-line typescript/no-unnecessary-type-conversion -- from JavaScript, anything may come
  return options.name === undefined ? jobName(fn) : String(options.name);
}

/** The function that a task runs. @throws TypeError unless it is a function or a coroutine. */
export function taskBody<T>(fn: (() => T | PromiseLike<T>) | Coroutine<T>, what: string): () => T | PromiseLike<T> {
  if (typeof fn === "function") return fn;
  if (fn instanceof Coroutine) {
    fn.taken();
    return () => fn.run();
  }
  throw new TypeError(`${what}: expected a function, got ${describeValue(fn)}`);
}
