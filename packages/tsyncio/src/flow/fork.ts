import { currentScope } from "../kernel/context.ts";
import { expectFunction } from "../kernel/values.ts";
import { gather } from "../tasks/gather.ts";
import type { ItemFunction } from "./calls.ts";
import type { Iteration } from "./iteration.ts";
import type { StageCounters } from "./stage-stats.ts";

/** Functions that run on the same item at once, in {@link Flow.fork}. */
export type Branches<T> = Readonly<Record<string, ItemFunction<T, unknown>>>;

/** An item with what its branches made of it, in {@link Flow.fork}. */
export type Joined<T, B> = { readonly item: T } & {
  readonly [K in keyof B]: B[K] extends (...args: never[]) => infer R ? Awaited<R> : never;
};

/** @throws TypeError for branches that are not functions, or are called `item`. */
export function expectBranches<T>(branches: Branches<T>): void {
  for (const [key, branch] of Object.entries(branches)) {
    if (key === "item") throw new TypeError('fork: no branch can be called "item": the item itself stands there');
    expectFunction(branch, `fork: ${key}`);
  }
}

/** One function that runs all branches on an item and joins their results; each branch has counters of its own. */
export function forkCall<T, B extends Branches<T>>(
  branches: B,
  name: string,
  iteration: Iteration,
): ItemFunction<T, Joined<T, B>> {
  const lines = Object.entries(branches).map(([key, branch]) => {
    const counters = iteration.counters(`${name}.${key}`);
    return { key, run: (item: T, index: number) => counted(counters, () => branch(item, index)) };
  });
  return async (item, index) => {
    const results = await gather(
      lines.map(
        ({ run }) =>
          () =>
            run(item, index),
      ),
    );
    const entries = lines.map(({ key }, at) => [key, results[at]] as const);
    return { item, ...Object.fromEntries(entries) } as Joined<T, B>;
  };
}

async function counted<R>(counters: StageCounters, call: () => R | PromiseLike<R>): Promise<R> {
  counters.in += 1;
  counters.inFlight += 1;
  counters.changed();
  try {
    const result = await call();
    counters.out += 1;
    return result;
  } catch (error) {
    if (!currentScope().isInForce(error)) counters.failed += 1;
    throw error;
  } finally {
    counters.inFlight -= 1;
    counters.changed();
  }
}
