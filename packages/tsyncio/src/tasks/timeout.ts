import { type CancelledError, InvalidStateError, TimeoutError } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import type { Scope } from "../kernel/scope.ts";
import type { Timer } from "../kernel/timer-heap.ts";
import { expectFunction } from "../kernel/values.ts";
import { BlockScope } from "./block-scope.ts";
import { throwIfCancelled } from "./sleep.ts";
import { type Candidate, jobBody, type Job, type JobResult, jobName, type NotAPromise } from "./job.ts";

/**
 * How far a {@link Timeout} is.
 *
 *     active ◀──reschedule──▶ disabled (without a deadline)
 *        │ └──────┬──────────────┘
 *        │        └──the body has ended──▶ finished
 *        └──deadline──▶ expiring (the body unwinds) ──the body has ended──▶ expired
 */
export type TimeoutState = "active" | "disabled" | "expiring" | "expired" | "finished";

/** What the body of {@link timeout} receives. */
export interface Timeout {
  /** How far it is. */
  readonly state: TimeoutState;
  /** The deadline on the loop's clock, in milliseconds, or null if there is none. */
  when(): number | null;
  /** Whether the deadline has passed while the body ran. */
  expired(): boolean;
  /**
   * Moves the deadline to another moment of the loop's clock, or removes it with null. A moment that has passed
   * strikes at once.
   * @throws InvalidStateError when the timeout has expired or its block has ended.
   */
  reschedule(when: number | null): void;
}

/** A scope that cancels itself at a moment. */
export class DeadlineScope extends BlockScope implements Timeout {
  private deadline: number | null = null;
  private timer: Timer | null = null;

  constructor(label: string, deadline: number | null, parent?: Scope) {
    super("timeout", label, parent);
    this.arm(deadline);
  }

  private arm(when: number | null): void {
    if (this.timer !== null) this.loop.removeTimer(this.timer);
    this.timer = null;
    this.deadline = when;
    if (when === null || when === Number.POSITIVE_INFINITY) return;
    if (when <= this.loop.time()) this.cancel("the deadline has passed");
    else this.timer = this.loop.addTimer(when, () => this.cancel("the deadline has passed"));
  }

  when(): number | null {
    return this.deadline;
  }

  expired(): boolean {
    return this.own !== null;
  }

  get state(): TimeoutState {
    if (this.own !== null) return this.ended ? "expired" : "expiring";
    if (this.ended) return "finished";
    return this.deadline === null ? "disabled" : "active";
  }

  reschedule(when: number | null): void {
    if (this.own !== null || this.ended) {
      throw new InvalidStateError(`reschedule: ${this.name} is ${this.state}: its deadline cannot be moved any more`);
    }
    this.arm(when === null ? null : toMilliseconds(when, "reschedule"));
  }

  override end(): void {
    if (this.timer !== null) this.loop.removeTimer(this.timer);
    this.timer = null;
    super.end();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { state } = this;
    return state === "active" ? `<${this.name} active until ${this.deadline}>` : `<${this.name} ${state}>`;
  }
}

/**
 * Runs `body` for at most `duration`. When the deadline passes, every wait in the body rejects, and once the body has
 * ended (clean-up included), `timeout` throws a {@link TimeoutError} whose `cause` is that cancellation. A body that
 * returns a value in spite of it has its value returned; one that throws another error has that thrown. If an
 * enclosing scope is cancelled as well, its error goes outward instead: of two nested deadlines that have both passed,
 * the outer one wins. Zero or less strikes at the first wait; null means no deadline until `reschedule` sets one.
 *
 *     const page = await timeout("5s", () => fetchPage(url));
 *     show(page);
 */
export async function timeout<T>(
  duration: Duration | null,
  body: (timeout: Timeout) => T | PromiseLike<T>,
): Promise<T> {
  return within(`timeout(${duration})`, deadlineAfter(duration, "timeout"), body);
}

function deadlineAfter(duration: Duration | null, what: string): number | null {
  return duration === null ? null : currentScope().loop.time() + toMilliseconds(duration, what);
}

/**
 * As {@link timeout}, at a moment of the loop's clock; null means no deadline until `reschedule` sets one.
 *
 *     const deadline = getRunningLoop().time() + 10_000; // for all pages together
 *     for (const url of urls) show(await timeoutAt(deadline, () => fetchPage(url)));
 */
export async function timeoutAt<T>(when: number | null, body: (timeout: Timeout) => T | PromiseLike<T>): Promise<T> {
  return within("timeoutAt", when === null ? null : toMilliseconds(when, "timeoutAt"), body);
}

async function within<T>(
  label: string,
  deadline: number | null,
  body: (timeout: Timeout) => T | PromiseLike<T>,
): Promise<T> {
  expectFunction(body, "timeout");
  const scope = new DeadlineScope(label, deadline);
  try {
    return await scope.run(() => body(scope));
  } catch (error) {
    if (error !== scope.own) throw error;
    throw scope.outer ?? expiry(label, scope.own as CancelledError);
  }
}

function expiry(label: string, cause: CancelledError): TimeoutError {
  return new TimeoutError(`${label} expired`, { cause });
}

/**
 * Runs `body` for at most `duration`, and moves on: when the deadline passes, the body is cancelled, and once it has
 * ended the result is `fallback` (default: undefined), without an error. null means no deadline until `reschedule` sets
 * one.
 *
 *     const slow = () => sleep("1h", "the answer");
 *     console.log(await moveOnAfter("2s", slow, "no answer")); // no answer
 */
export async function moveOnAfter<T>(
  duration: Duration | null,
  body: (timeout: Timeout) => T | PromiseLike<T>,
): Promise<T | undefined>;
export async function moveOnAfter<T, F>(
  duration: Duration | null,
  body: (timeout: Timeout) => T | PromiseLike<T>,
  fallback: F,
): Promise<T | F>;
export async function moveOnAfter<T, F>(
  duration: Duration | null,
  body: (timeout: Timeout) => T | PromiseLike<T>,
  fallback?: F,
): Promise<T | F | undefined> {
  expectFunction(body, "moveOnAfter");
  const scope = new DeadlineScope(`moveOnAfter(${duration})`, deadlineAfter(duration, "moveOnAfter"));
  try {
    return await scope.run(() => body(scope));
  } catch (error) {
    if (error !== scope.own) throw error;
    if (scope.outer !== null) throw scope.outer;
    return fallback;
  }
}

/**
 * Waits for a job, for at most `duration` (null: without limit), and then throws a {@link TimeoutError}. A function
 * or coroutine is cancelled and awaited; a task or future is only no longer waited for. With zero or less, a
 * function or coroutine does not begin at all, and a task that is done yields its result.
 *
 *     const task = createTask(() => fetchPage(url));
 *     show(await waitFor(task, "5s"));
 */
export async function waitFor<J extends Candidate>(
  job: J & NotAPromise<J>,
  duration: Duration | null,
): Promise<JobResult<J>> {
  const body = jobBody(job as Job<JobResult<J>>, "waitFor");
  if (duration === null) return body();
  const delay = toMilliseconds(duration, "waitFor");
  const label = `waitFor(${jobName(job) ?? "job"}, ${duration})`;
  if (delay <= 0 && isDone(job)) return body();
  return within(label, currentScope().loop.time() + delay, () => {
    // What is owned and has not begun does not begin any more.
    if (delay <= 0) throwIfCancelled();
    return body();
  });
}

function isDone(job: unknown): boolean {
  return typeof job === "object" && job !== null && "done" in job && (job as { done(): boolean }).done();
}

/**
 * The earliest deadline that is in force here, on the loop's clock, or null if there is none.
 *
 *     await timeout("5s", async () => {
 *       const left = (currentDeadline() ?? Infinity) - getRunningLoop().time();
 *       console.log(left > 0 && left <= 5_000); // true
 *     });
 */
export function currentDeadline(): number | null {
  let earliest: number | null = null;
  for (let scope: Scope | null = currentScope(); scope !== null && scope.kind !== "shield"; scope = scope.parent) {
    const when = scope instanceof DeadlineScope ? scope.when() : null;
    if (when !== null && (earliest === null || when < earliest)) earliest = when;
  }
  return earliest;
}
