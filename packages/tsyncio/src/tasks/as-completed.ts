import { TimeoutError } from "../errors.ts";
import { currentScope, runIn } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import type { Scope } from "../kernel/scope.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue } from "../kernel/values.ts";
import { BlockScope } from "./block-scope.ts";
import { type Candidate, type Job, jobBody, jobName, type JobResult, type NotAPromise } from "./job.ts";
import { Outcome } from "./outcome.ts";
import { surroundingOwner } from "./run-scope.ts";
import { throwIfCancelled } from "./sleep.ts";
import { Task, untilEnded } from "./task.ts";

/** Options of {@link asCompleted}. */
export interface AsCompletedOptions {
  /** No `next()` waits longer than this, counted from the first one. Default, and null: without limit. */
  readonly timeout?: Duration | null;
}

/** A task or future that has ended, in a type without `then`: `for await` would take the result for the bare type. */
type Ended<O> = Omit<O, "then" | "catch" | "finally">;

/** What {@link asCompleted} yields: a task or future that was passed in, or the task that ran a function or coroutine. */
export type Completed<J> = J extends Outcome<unknown> ? Ended<J> : Ended<Task<JobResult<J>>>;

type Checked<J extends readonly unknown[]> = { readonly [K in keyof J]: J[K] & NotAPromise<J[K]> };

/**
 * Runs jobs at once, and yields their tasks in the order in which they end, however they end: `task.result()` gives
 * the value or throws the error. Of tasks and futures the very object is yielded, one that is given twice only once.
 *
 *     for await (const task of asCompleted(urls.map((url) => () => fetchPage(url)), { timeout: "30s" })) {
 *       show(task.result());
 *     }
 *
 * Functions and coroutines start at the first `next()`, and are owned: they are cancelled and awaited when the loop is
 * left early, when the timeout has passed, and when the scope in which it was called is cancelled. Tasks and futures are
 * borrowed: they go on, and a second loop over the same object continues with those that are left. What has ended is
 * yielded also after the timeout; only where `next()` would have to wait, it rejects with a {@link TimeoutError}. A
 * `next()` that a narrower scope cancels loses nothing. All errors count as seen.
 *
 * @throws TypeError for what is no list of jobs; none of them is started then.
 */
export function asCompleted<const J extends readonly Candidate[]>(
  jobs: J & Checked<J>,
  options: AsCompletedOptions = {},
): AsyncIterableIterator<Completed<J[number]>, undefined> {
  if (typeof jobs !== "object" || jobs === null || !(Symbol.iterator in jobs)) {
    throw new TypeError(`asCompleted: expected an array of jobs, got ${describeValue(jobs)}`);
  }
  const limit = toMilliseconds(options.timeout ?? Number.POSITIVE_INFINITY, "asCompleted: timeout");
  // A function stands for a new call each time; everything else is one thing, however often it is named.
  const plans = new Map<unknown, Plan>();
  for (const [index, job] of [...(jobs as readonly Job<unknown>[])].entries()) {
    const body = jobBody(job, `asCompleted: job ${index}`);
    plans.set(typeof job === "function" ? index : job, { job, body });
  }
  return new CompletionIterator([...plans.values()], limit) as AsyncIterableIterator<unknown, undefined> as never;
}

/** A job that was checked, and the function that runs it. */
interface Plan {
  readonly job: Job<unknown>;
  readonly body: () => unknown;
}

class CompletionIterator implements AsyncIterableIterator<Outcome<unknown>, undefined> {
  /** What has not begun; null once it has. */
  private plans: readonly Plan[] | null;
  private readonly limit: number;
  /** Where it was called: the first `next()` may come from a narrower scope, which must not take the jobs along. */
  private readonly home: Scope = currentScope();
  private deadline: number = Number.POSITIVE_INFINITY;
  /** What was started here and has not ended, in a scope that ends with the last of them. */
  private readonly owned: Set<Task<unknown>> = new Set();
  private scope: BlockScope | null = null;
  /** What has not ended, and how to stop observing it. */
  private readonly pending: Map<Outcome<unknown>, () => void> = new Map();
  /** What has ended, in that order; the first `yielded` of them have been handed out. */
  private ended: Outcome<unknown>[] = [];
  private yielded = 0;
  /** Wakes each `next()` that waits. */
  private readonly readers: Set<() => void> = new Set();

  constructor(plans: readonly Plan[], limit: number) {
    this.plans = plans;
    this.limit = limit;
  }

  async next(): Promise<IteratorResult<Outcome<unknown>, undefined>> {
    try {
      throwIfCancelled();
      if (this.plans !== null) this.start(this.plans);
      return await this.advance();
    } catch (error) {
      if (this.scope?.cancelled === true) await this.stopOwned();
      throw error;
    }
  }

  private start(plans: readonly Plan[]): void {
    this.plans = null;
    this.deadline = currentScope().loop.time() + this.limit;
    const { owner } = runIn(this.home, surroundingOwner);
    const scope = new BlockScope("combinator", "asCompleted", this.home.live);
    this.scope = scope;
    for (const { job, body } of plans) {
      if (job instanceof Outcome) {
        this.observe(job);
        continue;
      }
      // The run is the owner, for the case that nobody reads on: it awaits them in the end.
      const task = new Task<unknown>(scope, owner, body, jobName(job));
      owner.adopt(task);
      this.owned.add(task);
      this.observe(task);
      task.startSoon();
    }
    this.endScopeWhenUnused();
  }

  private observe(outcome: Outcome<unknown>): void {
    outcome.retrieved = true;
    if (outcome.done()) {
      this.ended.push(outcome);
      return;
    }
    const forget = outcome.observe(() => {
      this.owned.delete(outcome as Task<unknown>);
      this.endScopeWhenUnused();
      if (!this.pending.delete(outcome)) return;
      this.ended.push(outcome);
      this.wakeReaders();
    });
    this.pending.set(outcome, forget);
  }

  private endScopeWhenUnused(): void {
    if (this.owned.size === 0) this.scope?.end();
  }

  private async advance(): Promise<IteratorResult<Outcome<unknown>, undefined>> {
    while (this.yielded === this.ended.length) {
      if (this.pending.size === 0) return immediate(() => ({ done: true as const, value: undefined }));
      if (currentScope().loop.time() >= this.deadline) throw await this.expire();
      await this.progress();
    }
    return immediate(() => ({ done: false as const, value: this.take() }));
  }

  private take(): Outcome<unknown> {
    const outcome = this.ended[this.yielded] as Outcome<unknown>;
    this.yielded += 1;
    if (this.yielded === this.ended.length) this.forgetYielded();
    return outcome;
  }

  private forgetYielded(): void {
    this.ended = this.ended.slice(this.yielded);
    this.yielded = 0;
  }

  /** Waits until one more has ended, at most until the deadline. */
  private progress(): Promise<void> {
    return suspend<void>("the next of asCompleted", (wait) => {
      const { loop } = currentScope();
      const wake = (): void => {
        leave();
        wait.resolve();
      };
      const timer = this.deadline < Number.POSITIVE_INFINITY ? loop.addTimer(this.deadline, wake) : null;
      const leave = (): void => {
        this.readers.delete(wake);
        if (timer !== null) loop.removeTimer(timer);
      };
      this.readers.add(wake);
      wait.target = { anyOf: { [Symbol.iterator]: () => this.pending.keys() } };
      return leave;
    });
  }

  private wakeReaders(): void {
    for (const wake of this.readers) wake();
  }

  private async expire(): Promise<TimeoutError> {
    const left = this.pending.size;
    await this.stopOwned();
    return new TimeoutError(`asCompleted: ${left} job(s) had not ended after ${this.limit} ms`);
  }

  async return(): Promise<IteratorResult<Outcome<unknown>, undefined>> {
    if (this.plans !== null) this.plans = this.plans.filter(({ job }) => job instanceof Outcome);
    await this.stopOwned();
    return { done: true, value: undefined };
  }

  /** Cancels and awaits what was started here; it is not yielded any more. Outlives a cancellation of the caller. */
  private async stopOwned(): Promise<void> {
    const stopped = [...this.owned];
    for (const task of stopped) this.pending.delete(task);
    this.wakeReaders();
    this.scope?.cancel("asCompleted: its loop was left");
    for (const task of stopped) {
      if (!task.done()) await untilEnded(task, { uncancellable: true });
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
