import { throwIfCancelled } from "../tasks/sleep.ts";
import { expectFunction, expectLimit } from "../kernel/values.ts";
import { simulate } from "./simulate.ts";

const seedVariable = "TSYNCIO_SEED";

/** Options of {@link explore}. */
export interface ExploreOptions {
  /** How many seeds are tried, from 1 on. Default: 100. */
  readonly runs?: number;
  /** The first seed; the others follow it. Default: 0. */
  readonly seed?: number;
}

/**
 * An exploration has found a seed with which main fails. The failure is the `cause`.
 *
 *     let counter = 0;
 *     const increment = async () => {
 *       const before = counter;
 *       await yieldNow();
 *       counter = before + 1; // forgets what others have counted meanwhile
 *     };
 *     const main = async () => {
 *       counter = 0;
 *       await gather([increment, increment]);
 *       assert.equal(counter, 2);
 *     };
 *     try {
 *       await explore(main);
 *     } catch (error) {
 *       if (!(error instanceof ExplorationError)) throw error;
 *       console.error(`simulate(main, { seed: ${error.seed} }) shows it`);
 *     }
 */
export class ExplorationError extends Error {
  override readonly name = "ExplorationError";
  /** `simulate(main, { seed })` fails in the same way. */
  readonly seed: number;

  /** @internal */
  constructor(run: number, runs: number, seed: number, cause: unknown) {
    const replay = `replay it with simulate(main, { seed: ${seed} }), or with ${seedVariable}=${seed} in the environment`;
    super(`explore: run ${run} of ${runs} failed; ${replay}: ${String(cause)}`, { cause });
    this.seed = seed;
  }
}

/**
 * Simulates a main function again and again, each time with another order of those who are ready, one run after the
 * other. A race that goes wrong in one order of a hundred shows itself, and can be looked at as often as one likes:
 * the first run that fails rejects with an {@link ExplorationError} whose `seed` replays it with `simulate`, as long
 * as main depends on nothing but that order (no clock, no `Math.random`, no state from an earlier run). Without a change
 * to the program, `TSYNCIO_SEED=17` in the environment replays it: then only that seed is tried. Cancelling the caller
 * cancels the run that is under way and ends the exploration.
 *
 *     await explore(async () => {
 *       const account = new Account(100);
 *       await gather([() => account.withdraw(70), () => account.withdraw(70)], { settled: true });
 *       assert.equal(account.balance, 30);
 *     }, { runs: 1_000 });
 *
 * @throws RangeError for a number of runs that is not a whole one from 1 on, or a seed that is not a whole number.
 */
export async function explore(main: () => unknown, options: ExploreOptions = {}): Promise<void> {
  expectFunction(main, "explore");
  const replayed = process.env[seedVariable];
  const limit = expectLimit(options.runs ?? 100, "explore: runs");
  const runs = replayed === undefined ? limit : 1;
  const first = replayed === undefined ? expectSeed(options.seed ?? 0, "seed") : expectSeed(replayed, seedVariable);
  for (let run = 1; run <= runs; run += 1) {
    const seed = first + run - 1;
    try {
      await simulate(main, { seed });
    } catch (error) {
      throwIfCancelled();
      throw new ExplorationError(run, runs, seed, error);
    }
  }
}

function expectSeed(given: number | string, what: string): number {
  const seed = given === "" ? Number.NaN : Number(given);
  if (!Number.isInteger(seed)) throw new RangeError(`explore: ${what}: expected a whole number, got ${given}`);
  return seed;
}
