import { currentScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { suspend } from "../kernel/suspend.ts";
import { describeValue } from "../kernel/values.ts";
import { Coroutine } from "./coroutine.ts";
import { Outcome } from "./outcome.ts";
import { yieldNow } from "./sleep.ts";

/** Options of {@link wait}. */
export interface WaitOptions {
  /** How long to wait at most; zero or less only lets the others run once. Default, and null: without limit. */
  readonly timeout?: Duration | null;
  /** What ends the waiting. A cancelled task has ended, but is no exception. Default: `"ALL_COMPLETED"`. */
  readonly returnWhen?: "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED";
}

/** What {@link wait} found: each of the given tasks and futures is in one of the two sets. */
export interface Waited<O> {
  /** Those that have ended, however they ended. */
  readonly done: Set<O>;
  /** Those that go on. */
  readonly pending: Set<O>;
}

const conditions: readonly unknown[] = ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"];

/**
 * Waits for tasks and futures until the first or all of them have ended, and says which have. They are borrowed:
 * nothing here starts, cancels or owns one. Errors stay in the tasks, and count as seen. A timeout throws nothing: what
 * has not ended by then is `pending`, and goes on. One that is given twice counts once. Cancelling the caller only ends
 * the waiting.
 *
 *     const tasks = urls.map((url) => createTask(() => fetchPage(url)));
 *     const { done, pending } = await wait(tasks, { timeout: "1s", returnWhen: "FIRST_COMPLETED" });
 *     for (const task of pending) task.cancel("too slow");
 *     for (const task of done) show(task.result());
 *
 * @throws TypeError for an empty list, and for members that are neither task nor future: create the tasks first.
 */
export async function wait<O extends Outcome<unknown>>(
  outcomes: Iterable<O>,
  options: WaitOptions = {},
): Promise<Waited<O>> {
  const all = expectOutcomes(outcomes);
  const condition = options.returnWhen ?? "ALL_COMPLETED";
  if (!conditions.includes(condition)) {
    const got = describeValue(condition);
    throw new TypeError(`wait: returnWhen: expected one of ${conditions.join(", ")}, got ${got}`);
  }
  const limit = toMilliseconds(options.timeout ?? Number.POSITIVE_INFINITY, "wait: timeout");
  if (limit <= 0 || isMet(all, condition)) await yieldNow();
  else await untilMet(all, condition, limit);
  // Looked at only now: more may have ended while the caller was woken.
  const done = new Set<O>();
  const pending = new Set<O>();
  for (const outcome of all) (outcome.done() ? done : pending).add(outcome);
  return { done, pending };
}

type Condition = NonNullable<WaitOptions["returnWhen"]>;

function isMet(outcomes: ReadonlySet<Outcome<unknown>>, condition: Condition): boolean {
  let left = 0;
  for (const outcome of outcomes) {
    if (decides(outcome, condition)) return true;
    if (!outcome.done()) left += 1;
  }
  return left === 0;
}

/** Whether one that has ended ends the waiting for the others too. */
function decides(outcome: Outcome<unknown>, condition: Condition): boolean {
  if (condition === "FIRST_EXCEPTION") return outcome.status === "failed";
  return condition === "FIRST_COMPLETED" && outcome.done();
}

function untilMet(outcomes: ReadonlySet<Outcome<unknown>>, condition: Condition, limit: number): Promise<void> {
  return suspend<void>(`wait(${outcomes.size} tasks)`, (waiter) => {
    const releases: (() => void)[] = [];
    const finish = (): void => {
      for (const release of releases) release();
      waiter.resolve();
    };
    let left = 0;
    for (const outcome of outcomes) {
      if (outcome.done()) continue;
      left += 1;
      const ended = (): void => {
        left -= 1;
        if (left === 0 || decides(outcome, condition)) finish();
      };
      releases.push(outcome.observe(ended));
    }
    if (limit < Number.POSITIVE_INFINITY) releases.push(startTimer(limit, finish));
    waiter.target =
      condition === "ALL_COMPLETED" && limit === Number.POSITIVE_INFINITY ? outcomes : { anyOf: outcomes };
    return () => releases.forEach((release) => release());
  });
}

function startTimer(limit: number, expired: () => void): () => void {
  const { loop } = currentScope();
  const timer = loop.addTimer(loop.time() + limit, expired);
  return () => loop.removeTimer(timer);
}

function expectOutcomes<O extends Outcome<unknown>>(outcomes: Iterable<O>): ReadonlySet<O> {
  if (typeof outcomes !== "object" || outcomes === null || !(Symbol.iterator in outcomes)) {
    throw new TypeError(`wait: expected an iterable of tasks and futures, got ${describeValue(outcomes)}`);
  }
  const all = new Set(outcomes);
  if (all.size === 0) throw new TypeError("wait: expected at least one task or future, got none");
  for (const outcome of all as ReadonlySet<unknown>) {
    if (outcome instanceof Outcome) continue;
    const hint = typeof outcome === "function" || outcome instanceof Coroutine ? ": start it with createTask()" : "";
    throw new TypeError(`wait: expected tasks and futures, got ${describeValue(outcome)}${hint}`);
  }
  return all;
}
