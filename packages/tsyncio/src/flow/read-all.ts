import { currentScope, runIn } from "../kernel/context.ts";
import { Iteration, type Opening } from "./iteration.ts";

/**
 * A terminal operation: reads a flow to its end, in a scope that is closed when everything in it has ended. Throws the
 * flow's failure, or the cancellation that cut it short.
 */
export async function readAll<T>(
  { open, onStats }: Opening<T>,
  each: (item: T, index: number) => void | Promise<void>,
): Promise<void> {
  const iteration = new Iteration(currentScope(), onStats);
  const { scope } = iteration;
  let cutShort = false;
  try {
    await runIn(scope, async () => {
      const last = open(iteration);
      await iteration.reading(last, async () => {
        for (let index = 0; ; index += 1) {
          const next = await last.next();
          if (next.done === true) return;
          const pending = each(next.value, index);
          if (pending !== undefined) await pending;
        }
      });
    });
  } catch (error) {
    if (scope.isInForce(error)) cutShort = true;
    else iteration.fail(error);
  }
  await iteration.ended();
  const failure = iteration.takeFailure();
  if (failure !== undefined) throw failure.error;
  if (scope.outer !== null && cutShort) throw scope.outer;
}
