import { isPromise } from "node:util/types";
import { currentScope } from "../kernel/context.ts";
import { describeValue, isThenable } from "../kernel/values.ts";
import { Coroutine } from "./coroutine.ts";
import { awaitForeign } from "./interruptible.ts";
import { Outcome } from "./outcome.ts";

/** The message that a native promise gets where a job belongs, at compile time. */
export type PromiseIsNotAJob =
  "A promise already runs and cannot be cancelled: pass () => f(), or declare f with coroutine()";

/**
 * Something that yields a `T` when it is run or waited for, as {@link gather} and the others take it. Functions and coroutines are *owned* by whom they are
 * handed to: cancelled and awaited. Tasks and futures are *borrowed*: only waited for.
 */
export type Job<T> = (() => T | PromiseLike<T>) | Coroutine<T> | Outcome<T>;

/** What a job yields. */
export type JobResult<J> = J extends () => infer R
  ? Awaited<R>
  : J extends Coroutine<infer T>
    ? T
    : J extends Outcome<infer T>
      ? T
      : never;

/** What a job is looked for in: promises are let in, for {@link NotAPromise} to say why they are none. */
export type Candidate = Job<unknown> | PromiseLike<unknown>;

/** Turns a native promise into a type error that says why; leaves everything else alone. */
export type NotAPromise<J> = J extends Promise<unknown> ? PromiseIsNotAJob : J;

/**
 * The function that runs a job in the current task. What is borrowed is waited for in a way that a cancellation
 * ends, and its failure counts as seen from now on.
 * @throws TypeError for anything that is not a job.
 */
export function jobBody<T>(job: Job<T> | PromiseLike<T>, what: string): () => T | PromiseLike<T> {
  if (typeof job === "function") return job;
  if (job instanceof Coroutine) {
    job.taken();
    return () => job.run();
  }
  if (job instanceof Outcome) {
    job.retrieved = true;
    return () => job.join();
  }
  if (isThenable(job)) {
    if (isPromise(job)) currentScope().loop.debugHooks?.promiseAsJob(what);
    return () => awaitForeign(job);
  }
  throw new TypeError(`${what}: expected a function, a coroutine, a task or a future, got ${describeValue(job)}`);
}

/**
 * Jobs without repetitions. A coroutine, a task or a future is one thing, however often it is named; a function stands
 * for a new call each time.
 */
export function distinctJobs(jobs: Iterable<Job<unknown>>): Job<unknown>[] {
  const seen = new Set<unknown>();
  const isNew = (job: unknown): boolean => typeof job === "function" || (!seen.has(job) && seen.add(job).has(job));
  return [...jobs].filter(isNew);
}

/** A name for the task that runs a job: that of the function or coroutine. */
export function jobName(job: unknown): string | undefined {
  if (typeof job === "function" || job instanceof Coroutine) return job.name === "" ? undefined : job.name;
  return undefined;
}
