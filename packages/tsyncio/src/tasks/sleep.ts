import { currentScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { immediate, suspend } from "../kernel/suspend.ts";

/**
 * Waits for a duration, then resolves to `value`. It never returns early, and keeps the process alive meanwhile. A
 * cancellation ends it at once and drops its timer. Zero or less yields once, and sets no timer.
 *
 *     await sleep("250ms");
 *     console.log(await sleep("1s", "a second later")); // a second later
 *
 * @throws RangeError for NaN, or a string that is not a duration.
 */
export function sleep(duration: Duration): Promise<void>;
export function sleep<T>(duration: Duration, value: T): Promise<Awaited<T>>;
export function sleep<T>(duration: Duration, value?: T): Promise<Awaited<T> | undefined> {
  const { loop } = currentScope();
  let delay: number;
  try {
    delay = toMilliseconds(duration, "sleep");
  } catch (error) {
    return loop.rejected(error);
  }
  if (delay === Number.POSITIVE_INFINITY) return sleepForever();
  if (delay > 0) return sleepAt(sleepLabel(duration), loop.time() + delay, value);
  return yieldThen(value);
}

async function yieldThen<T>(value: T): Promise<Awaited<T>> {
  await yieldNow();
  return await value;
}

let labelled: Duration = 0;
let label = "sleep(0)";

/** Thousands of tasks that sleep equally long share one string. */
function sleepLabel(duration: Duration): string {
  if (duration !== labelled) {
    labelled = duration;
    label = `sleep(${duration})`;
  }
  return label;
}

/**
 * As {@link sleep}, until a moment of the loop's clock (`performance.now()`, outside simulations).
 *
 *     const start = getRunningLoop().time();
 *     for (let second = 1; second <= 3; second += 1) {
 *       await sleepUntil(start + second * 1_000);
 *       await heartbeat();
 *     }
 */
export async function sleepUntil(when: number): Promise<void> {
  const { loop } = currentScope();
  const moment = toMilliseconds(when, "sleepUntil");
  if (moment === Number.POSITIVE_INFINITY) return sleepForever();
  if (moment > loop.time()) await sleepAt("sleepUntil", moment, undefined);
  else await yieldNow();
}

function sleepAt<T>(what: string, when: number, value: T): Promise<Awaited<T>> {
  return suspend<T>(what, (wait) => {
    const { loop } = currentScope();
    const timer = loop.addTimer(when, () => wait.resolve(value));
    return () => loop.removeTimer(timer);
  });
}

/**
 * Waits until it is cancelled, and keeps the process alive until then.
 *
 *     await taskGroup(async (group) => {
 *       const holdConnection = async () => {
 *         await using connection = await connect(url);
 *         await sleepForever();
 *       };
 *       group.createTask(holdConnection, { daemon: true });
 *       show(await fetchPage(url));
 *     });
 */
export function sleepForever(): Promise<never> {
  return suspend<never>("sleepForever()", () => {
    const { loop } = currentScope();
    loop.hold();
    return () => loop.release();
  });
}

/**
 * Lets the others run once: all that is ready now goes first. A cancellation point. In a long computation it also
 * gives timers, sockets and signals their turn, whenever some milliseconds have gone by without one.
 *
 *     const steps: string[] = [];
 *     createTask(async () => steps.push("the other"));
 *     steps.push("this one");
 *     await yieldNow();
 *     console.log(steps.join(", ")); // this one, the other
 */
export async function yieldNow(): Promise<void> {
  currentScope().loop.countYield();
  await immediate(() => undefined);
}

/**
 * Throws if the current scope is cancelled; otherwise lets the others run once, and looks again.
 *
 *     let sum = 0;
 *     for (let number = 0; number < 100_000; number += 1) {
 *       sum += number;
 *       if (number % 1_000 === 0) await checkpoint();
 *     }
 */
export async function checkpoint(): Promise<void> {
  await yieldNow();
  throwIfCancelled();
}

/**
 * Throws the `CancelledError` in force if the current scope is cancelled. For loops that compute and never wait.
 *
 *     const primes: number[] = [];
 *     for (let candidate = 2; primes.length < 100; candidate += 1) {
 *       throwIfCancelled();
 *       if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
 *     }
 */
export function throwIfCancelled(): void {
  const { effective } = currentScope();
  if (effective !== null) throw effective;
}
