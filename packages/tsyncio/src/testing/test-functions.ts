import { expectFunction } from "../kernel/values.ts";
import { cancelScope } from "../tasks/cancel-scope.ts";
import { checkLeaks, type LeakCheckOptions } from "./check-leaks.ts";
import { explore, type ExploreOptions } from "./explore.ts";
import { simulate, type SimulateOptions } from "./simulate.ts";

/**
 * Test functions for `node:test`, Vitest and whatever else calls a function and awaits it. They hand on what the runner
 * gives them; if that has a `signal`, as the contexts of both have, main is cancelled when it aborts (a timeout of the
 * test), so its clean-up runs.
 */
export type TestFunction<A extends unknown[]> = (...args: A) => Promise<void>;

/**
 * A test function that runs main with `simulate`.
 *
 *     const givesUp = simulated(async () => {
 *       await assert.rejects(timeout("1m", () => sleepForever()), TimeoutError);
 *       assert.equal(getRunningLoop().time(), 60_000);
 *     });
 *     await givesUp(); // or: test("gives up after a minute", givesUp);
 */
export function simulated<A extends unknown[]>(
  main: (...args: A) => unknown,
  options?: SimulateOptions,
): TestFunction<A> {
  return testFunction("simulated", main, (body) => simulate(body, options));
}

/**
 * A test function that runs main with `explore`.
 *
 *     const neverOverdraws = explored(
 *       async () => {
 *         const account = new Account(100);
 *         await gather([() => account.withdraw(70), () => account.withdraw(70)], { settled: true });
 *         assert.equal(account.balance, 30);
 *       },
 *       { runs: 20 },
 *     );
 *     await neverOverdraws(); // or: test("never overdraws the account", neverOverdraws);
 */
export function explored<A extends unknown[]>(
  main: (...args: A) => unknown,
  options?: ExploreOptions,
): TestFunction<A> {
  return testFunction("explored", main, (body) => explore(body, options));
}

/**
 * A test function that runs main with `checkLeaks`. It fits into the others.
 *
 *     const leavesNothing = simulated(withLeakCheck(() => taskGroup((group) => void group.createTask(() => sleep("1h")))));
 *     await leavesNothing(); // or: test("leaves nothing behind", leavesNothing);
 */
export function withLeakCheck<A extends unknown[]>(
  main: (...args: A) => unknown,
  options?: LeakCheckOptions,
): TestFunction<A> {
  return testFunction("withLeakCheck", main, (body) => checkLeaks(body, options));
}

function testFunction<A extends unknown[]>(
  what: string,
  main: (...args: A) => unknown,
  execute: (body: () => unknown) => Promise<unknown>,
): TestFunction<A> {
  expectFunction(main, what);
  return async (...args) => {
    const signal = signalOf(args[0]);
    const body = (): Promise<unknown> => execute(() => main(...args));
    await cancelScope(signal === undefined ? {} : { signal }, body);
  };
}

function signalOf(context: unknown): AbortSignal | undefined {
  // That of Vitest is a function.
  const signal = (context as { readonly signal?: unknown } | null | undefined)?.signal;
  return signal instanceof AbortSignal ? signal : undefined;
}
