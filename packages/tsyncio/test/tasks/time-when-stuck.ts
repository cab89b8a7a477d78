import assert from "node:assert/strict";
import { DeadlockError, Future, getRunningLoop } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

/**
 * Simulates a main function, and then waits for ever: the clock jumps to each timer that is left behind before the
 * simulation is stuck. Resolves to the moment at which it is, which is main's last one if there was no such timer.
 */
export async function timeWhenStuck(main: () => Promise<unknown>): Promise<number> {
  let time = Number.NaN;
  const stuck = simulate(async () => {
    await main();
    try {
      await new Future();
    } finally {
      time = getRunningLoop().time();
    }
  });
  await assert.rejects(stuck, DeadlockError);
  return time;
}
