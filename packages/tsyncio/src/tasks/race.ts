import { cameToGrief, Crew } from "./crew.ts";
import { type Candidate, distinctJobs, type Job, jobBody, jobName, type JobResult, type NotAPromise } from "./job.ts";
import type { Task } from "./task.ts";
import { BlockScope } from "./block-scope.ts";

type Winner<J extends readonly unknown[]> = JobResult<J[number]>;
type Checked<J extends readonly unknown[]> = { readonly [K in keyof J]: J[K] & NotAPromise<J[K]> };

/**
 * Runs jobs at once; the first to end decides, with its value or its error. The others are cancelled and, as far as
 * they are functions and coroutines, awaited; what they throw on the way out is dropped. Never use it to take from
 * one of several queues: a loser may have taken an item already. That is what `select` is for.
 *
 *     const page = await race(urls.map((url) => () => fetchPage(url)));
 *     show(page);
 *
 * @throws TypeError for an empty list, which nobody could win.
 */
export async function race<const J extends readonly Candidate[]>(jobs: J & Checked<J>): Promise<Winner<J>> {
  return (await compete(jobs as readonly Candidate[] as readonly Job<unknown>[], "race", () => true)) as Winner<J>;
}

/**
 * As {@link race}, but only a value wins. If all fail, an `AggregateError` with their errors, in input order, is
 * thrown.
 *
 *     const broken = async () => {
 *       throw new Error("out of order");
 *     };
 *     show(await firstSuccess([broken, () => fetchPage(url)]));
 */
export async function firstSuccess<const J extends readonly Candidate[]>(jobs: J & Checked<J>): Promise<Winner<J>> {
  const wins = (task: Task<unknown>): boolean => task.status === "fulfilled";
  return (await compete(jobs as readonly Candidate[] as readonly Job<unknown>[], "firstSuccess", wins)) as Winner<J>;
}

async function compete(
  jobs: readonly Job<unknown>[],
  what: string,
  wins: (task: Task<unknown>) => boolean,
): Promise<unknown> {
  if (jobs.length === 0) throw new TypeError(`${what}: expected at least one job, got none: it would wait for ever`);
  const list = distinctJobs(jobs);
  const bodies = list.map((job, index) => jobBody(job, `${what}: job ${index}`));
  const scope = new BlockScope("combinator", what);
  let winner: Task<unknown> | undefined;
  const crew = new Crew(scope, Number.POSITIVE_INFINITY, (task) => {
    task.retrieved = true;
    const ended = task.status === "fulfilled" || cameToGrief(task, scope);
    if (winner !== undefined || !ended || !wins(task)) return;
    winner = task;
    scope.cancel(`${what}: another job was first`);
  });
  const tasks = bodies.map((body, index) => crew.add(body, jobName(list[index])));
  await crew.ended(what);
  scope.end();
  if (winner !== undefined) return winner.result();
  if (scope.outer !== null) throw scope.outer;
  throw new AggregateError(
    tasks.map((task) => task.payload),
    `${what}: all ${tasks.length} jobs failed`,
  );
}
