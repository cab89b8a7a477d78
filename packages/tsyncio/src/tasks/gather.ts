import { expectLimit, describeValue } from "../kernel/values.ts";
import { BlockScope } from "./block-scope.ts";
import { cameToGrief, Crew } from "./crew.ts";
import { combineFailures } from "./failures.ts";
import { Coroutine } from "./coroutine.ts";
import { type Candidate, jobBody, jobName, type Job, type JobResult, type NotAPromise } from "./job.ts";
import type { Task } from "./task.ts";

/** Options of {@link gather}. */
export interface GatherOptions {
  /** How many jobs run at once, in input order. From 1 on; default: all. */
  readonly limit?: number;
  /** Whether an error is put in its job's place instead of being thrown. Default: false. */
  readonly returnExceptions?: boolean;
  /** Whether every result is a `PromiseSettledResult`. Default: false. */
  readonly settled?: boolean;
}

type Values<J extends readonly unknown[]> = { -readonly [K in keyof J]: JobResult<J[K]> };
type ValuesOrErrors<J extends readonly unknown[]> = { -readonly [K in keyof J]: JobResult<J[K]> | Error };
type Settled<J extends readonly unknown[]> = { -readonly [K in keyof J]: PromiseSettledResult<JobResult<J[K]>> };
type Checked<J extends readonly unknown[]> = { readonly [K in keyof J]: J[K] & NotAPromise<J[K]> };

/**
 * Runs jobs at once and resolves to their results, in input order. The first failure cancels the functions and
 * coroutines among them, waits until they have ended, and is thrown (with further failures in its `suppressed`);
 * tasks and futures are only no longer waited for. Cancelling the caller does the same. With `returnExceptions` or
 * `settled`, failures become results and disturb nobody.
 *
 *     const [user, posts] = await gather([() => loadUser(7), () => loadPosts(7)]);
 *     show(render(user, posts));
 *     const pages = await gather(urls.map((url) => () => fetchPage(url)), { limit: 2 });
 *     console.log(pages.length); // 3
 */
export function gather<const J extends readonly Candidate[]>(
  jobs: J & Checked<J>,
  options: GatherOptions & { readonly settled: true },
): Promise<Settled<J>>;
export function gather<const J extends readonly Candidate[]>(
  jobs: J & Checked<J>,
  options: GatherOptions & { readonly returnExceptions: true },
): Promise<ValuesOrErrors<J>>;
export function gather<const J extends readonly Candidate[]>(
  jobs: J & Checked<J>,
  options?: GatherOptions,
): Promise<Values<J>>;
export async function gather(jobs: readonly Job<unknown>[], options: GatherOptions = {}): Promise<unknown[]> {
  if (!isIterable(jobs)) throw new TypeError(`gather: expected an array of jobs, got ${describeValue(jobs)}`);
  const limit = expectLimit(options.limit ?? Number.POSITIVE_INFINITY, "gather: limit");
  const list = [...jobs];
  // All are checked before one is started.
  const bodies = list.map((job, index) => jobBody(job, `gather: job ${index}`));
  const scope = new BlockScope("combinator", "gather");
  const tolerant = options.returnExceptions === true || options.settled === true;
  const failures: unknown[] = [];
  const crew = new Crew(scope, limit, (task) => {
    task.retrieved = true;
    if (!cameToGrief(task, scope)) return;
    failures.push(task.payload);
    if (!tolerant) scope.cancel("gather: another job failed");
  });
  // A function stands for a new call each time; a coroutine is one call, however often it is named.
  const calls = new Map<unknown, Task<unknown>>();
  const tasks = bodies.map((body, index) => {
    const job = list[index];
    const task = calls.get(job) ?? crew.add(body, jobName(job));
    if (job instanceof Coroutine) calls.set(job, task);
    return task;
  });
  await crew.ended("gather");
  scope.end();
  if (!tolerant && failures.length > 0) throw combineFailures(failures, "gather");
  if (scope.outer !== null && tasks.some((task) => task.status === "cancelled")) throw scope.outer;
  return tasks.map((task) => (options.settled === true ? asSettled(task) : task.payload));
}

function asSettled(task: Task<unknown>): PromiseSettledResult<unknown> {
  if (task.status === "fulfilled") return { status: "fulfilled", value: task.payload };
  return { status: "rejected", reason: task.payload };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
