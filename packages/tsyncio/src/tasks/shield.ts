import type { EventLoop } from "../kernel/event-loop.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { type Candidate, jobBody, type Job, type JobResult, type NotAPromise } from "./job.ts";
import { Outcome } from "./outcome.ts";
import { ShieldScope } from "./shield-scope.ts";
import { reportUnretrieved } from "./unretrieved.ts";

/** Options of {@link shield}. */
export interface ShieldOptions {
  /**
   * How long the body is protected from a cancellation from outside. Counts from the cancellation, or from the entry
   * if it came before, and never reaches past the grace of an enclosing shield or run. Default: the run's (10 s).
   */
  readonly grace?: Duration;
}

/**
 * Runs a job, and lets no cancellation from outside in until the grace is over. For clean-up that must wait, in a
 * `finally` or a disposer. A scope inside the body can be cancelled as ever. The result is the job's; a cancellation
 * that was held off strikes at the caller's next wait. A task or future that fails when the grace is over, and nobody
 * waits here any more, has its error reported to the loop's `exceptionHandler`; without one, as a process warning.
 *
 *     const connection = await connect(url);
 *     try {
 *       show(await connection.query("select 1"));
 *     } finally {
 *       await shield(() => connection.end(), { grace: "5s" });
 *     }
 */
export async function shield<J extends Candidate>(
  job: J & NotAPromise<J>,
  options: ShieldOptions = {},
): Promise<JobResult<J>> {
  const body = jobBody(job as Job<JobResult<J>>, "shield");
  const grace = options.grace === undefined ? undefined : toMilliseconds(options.grace, "grace");
  const scope = new ShieldScope(grace);
  try {
    return await scope.run(body);
  } catch (error) {
    if (job instanceof Outcome && !job.done()) reportLateFailure(job, scope.loop);
    throw error;
  }
}

/** Whose late failure is going to be reported; once is enough, however many shields had to leave it. */
const leftBehind = new WeakSet<Outcome<unknown>>();

function reportLateFailure(job: Outcome<unknown>, loop: EventLoop): void {
  if (leftBehind.has(job)) return;
  leftBehind.add(job);
  job.observe(() => {
    if (job.status !== "failed") return;
    reportUnretrieved(`${job.name} failed after the grace of its shield was over`, job.payload, loop, { future: job });
  });
}
