import { currentScope, runIn } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { suspend } from "../kernel/suspend.ts";
import { BlockScope } from "./block-scope.ts";
import type { Coroutine } from "./coroutine.ts";
import { taskBody } from "./create-task.ts";
import { cameToGrief, Crew } from "./crew.ts";
import { jobName } from "./job.ts";
import type { Task } from "./task.ts";

/** One of several ways to the same goal. */
type Attempt = (() => unknown) | Coroutine<unknown>;

type Reached<A> = A extends () => infer R ? Awaited<R> : A extends Coroutine<infer T> ? T : never;

/**
 * Tries several ways to one goal, one after the other but without waiting for the slow: the next starts when the one
 * before it has failed, or `delay` after it started, beside it. The first value wins and is returned; the others are
 * cancelled and awaited, what they throw on the way out is dropped, and those that have not started never do. If all
 * fail, an `AggregateError` with their errors, in the order of the input, is thrown. Cancelling the caller cancels all.
 * With a delay of `null` or `Infinity` only a failure starts the next; with 0, all start at once.
 *
 * It is how a browser connects to a host with several addresses ("happy eyeballs"):
 *
 *     const socket = await staggered(addresses.map((address) => () => connect(address)), "250ms");
 *
 * @throws TypeError for an empty list, which nobody could win.
 */
export async function staggered<const A extends readonly Attempt[]>(
  attempts: A,
  delay: Duration | null,
): Promise<Reached<A[number]>> {
  const pause = delay === null ? Number.POSITIVE_INFINITY : toMilliseconds(delay, "staggered: delay");
  const list: readonly Attempt[] = [...attempts];
  if (list.length === 0) throw new TypeError("staggered: expected at least one function, got none: nobody could win");
  // All are checked before one is started.
  const bodies = list.map((attempt, index) => taskBody<unknown>(attempt, `staggered: attempt ${index}`));
  const scope = new BlockScope("combinator", "staggered");
  let winner: Task<unknown> | undefined;
  const crew = new Crew(scope, Number.POSITIVE_INFINITY, (task) => {
    task.retrieved = true;
    if (winner !== undefined || task.status !== "fulfilled") return;
    winner = task;
    scope.cancel("staggered: another attempt succeeded");
  });
  const tasks: Task<unknown>[] = [];
  const startAll = async (): Promise<void> => {
    for (const [index, body] of bodies.entries()) {
      const task = crew.add(body, jobName(list[index]));
      tasks.push(task);
      if (tasks.length < bodies.length) await failureOrDelay(task, scope, pause);
    }
  };
  // Only the cancellation of the scope, by a winner or from outside, ends it early: what that means is decided below.
  await runIn(scope, startAll).catch(() => {});
  await crew.ended("staggered");
  scope.end();
  if (winner !== undefined) return winner.result() as Reached<A[number]>;
  if (scope.outer !== null) throw scope.outer;
  throw new AggregateError(
    tasks.map((task) => task.payload),
    `staggered: all ${tasks.length} attempts failed`,
  );
}

/** Waits until the latest attempt has failed, at most for the delay. One that succeeds ends this with the scope. */
function failureOrDelay(task: Task<unknown>, scope: BlockScope, pause: number): Promise<void> {
  return suspend<void>("the next attempt of staggered", (wait) => {
    const { loop } = currentScope();
    wait.target = { anyOf: [task] };
    const goOn = (): void => {
      leave();
      wait.resolve();
    };
    const timer = pause < Number.POSITIVE_INFINITY ? loop.addTimer(loop.time() + pause, goOn) : null;
    const forget = task.observe(() => {
      if (cameToGrief(task, scope)) goOn();
    });
    const leave = (): void => {
      if (timer !== null) loop.removeTimer(timer);
      forget();
    };
    return leave;
  });
}
