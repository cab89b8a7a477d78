import { describeValue, isThenable } from "../kernel/values.ts";
import { Coroutine } from "./coroutine.ts";
import { createTask } from "./create-task.ts";
import { awaitForeign } from "./interruptible.ts";
import type { Job, JobResult } from "./job.ts";
import { Outcome } from "./outcome.ts";
import type { Task } from "./task.ts";

/** What {@link ensureFuture} gives: a task or future as it is, a task for everything else. */
export type Ensured<J> =
  J extends Outcome<unknown> ? J : J extends Job<unknown> ? Task<JobResult<J>> : Task<Awaited<J>>;

/**
 * Something to wait for, made of whatever a caller has: a task or future is returned as it is, a function or coroutine
 * is started with {@link createTask}, and a promise gets a task that waits for it (and leaves it alone when it is
 * cancelled). For libraries that take all of these, and want `done()`, `cancel()` and the rest.
 *
 *     const started = (job: Job<string>) => ensureFuture(job).addDoneCallback((task) => show(task.result()));
 *     started(() => fetchPage(url));
 *
 * @throws TypeError for anything else.
 */
export function ensureFuture<J extends Job<unknown> | PromiseLike<unknown>>(job: J): Ensured<J> {
  return ensured(job) as Ensured<J>;
}

function ensured(job: Job<unknown> | PromiseLike<unknown>): Outcome<unknown> {
  if (job instanceof Outcome) return job;
  if (typeof job === "function" || job instanceof Coroutine) return createTask(job);
  if (isThenable(job)) return createTask(() => awaitForeign(job));
  throw new TypeError(
    `ensureFuture: expected a function, a coroutine, a task, a future or a promise, got ${describeValue(job)}`,
  );
}
