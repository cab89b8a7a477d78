import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  checkpoint,
  coroutine,
  createTask,
  Event,
  getRunningLoop,
  isCancelled,
  moveOnAfter,
  shield,
  sleep,
  sleepForever,
  staggered,
  timeout,
  TimeoutError,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { timeWhenStuck } from "./time-when-stuck.ts";

/** Attempts that keep a log of who started, with what end, and when. */
class Contest {
  readonly log: string[] = [];

  attempt(name: string, duration: number, fails = false): () => Promise<string> {
    return async () => {
      this.note(`${name} starts`);
      try {
        await sleep(duration);
      } catch (error) {
        this.note(`${name} is cancelled`);
        throw error;
      }
      if (fails) throw new Error(name);
      return name;
    };
  }

  private note(what: string): void {
    this.log.push(`${getRunningLoop().time()} ${what}`);
  }
}

describe("staggered", () => {
  test("returns the first value; later attempts never start [test_staggered: test_one_successful]", () =>
    simulate(async () => {
      const contest = new Contest();
      for (const delay of [10, null]) {
        assert.equal(await staggered([contest.attempt("a", 5), contest.attempt("b", 5)], delay), "a");
      }
      await sleep(100);
      assert.deepEqual(contest.log, ["0 a starts", "5 a starts"]);
    }));

  test("starts the next at once when the one before has failed [test_staggered: test_first_error_second_successful]", () =>
    simulate(async () => {
      const contest = new Contest();
      for (const delay of ["1h", null] as const) {
        assert.equal(await staggered([contest.attempt("a", 2, true), contest.attempt("b", 1)], delay), "b");
      }
      assert.deepEqual(contest.log, ["0 a starts", "2 b starts", "3 a starts", "5 b starts"]);
    }));

  test("starts the next after the delay; the loser is cancelled [test_staggered: test_first_timeout_second_successful]", () =>
    simulate(async () => {
      const contest = new Contest();
      assert.equal(await staggered([contest.attempt("a", 100), contest.attempt("b", 3)], 10), "b");
      assert.deepEqual(contest.log, ["0 a starts", "10 b starts", "13 a is cancelled"]);
    }));

  test("waits for the clean-up of the losers, and drops what they throw", () =>
    simulate(async () => {
      const slow = async (): Promise<never> => {
        try {
          return await sleepForever();
        } finally {
          await shield(() => sleep(7));
          // oxlint-disable-next-line no-unsafe-finally -- the clean-up that fails is the subject
          throw new Error("dropped");
        }
      };
      assert.equal(await staggered([slow, () => "won"], 10), "won");
      assert.equal(getRunningLoop().time(), 17);
    }));

  test("leaves no timer behind, whether an attempt succeeds, fails or is cancelled", async () => {
    const contest = new Contest();
    const succeeds = timeWhenStuck(() => staggered([contest.attempt("a", 5), contest.attempt("b", 5)], "1h"));
    assert.equal(await succeeds, 5);
    const fails = timeWhenStuck(() => staggered([contest.attempt("a", 5, true), contest.attempt("b", 5)], "1h"));
    assert.equal(await fails, 10);
    const attempts = [contest.attempt("a", 500), contest.attempt("b", 500)];
    assert.equal(await timeWhenStuck(() => moveOnAfter(5, () => staggered(attempts, "1h"))), 5);
  });

  test("throws all errors, in order, when all fail [test_staggered: test_none_successful]", () =>
    simulate(async () => {
      const contest = new Contest();
      const losing = staggered([contest.attempt("a", 30, true), contest.attempt("b", 5, true)], 10);
      await assert.rejects(losing, (error) => {
        assert.ok(error instanceof AggregateError);
        assert.match(error.message, /all 2 attempts failed/);
        assert.deepEqual(error.errors.map(String), ["Error: a", "Error: b"]);
        return true;
      });
      assert.equal(getRunningLoop().time(), 30);
    }));

  test("has exactly one winner when two end in one tick [test_staggered: test_multiple_winners]", async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const contest = new Contest();
      const attempts = [contest.attempt("a", 10), contest.attempt("b", 5)];
      assert.match(await simulate(() => staggered(attempts, 5), { seed }), /^[ab]$/);
    }
    const event = new Event();
    const waits = (index: number) => async (): Promise<number> => {
      await event.wait();
      return index;
    };
    const sets = async (): Promise<never> => {
      event.set();
      return sleepForever();
    };
    assert.equal(await staggered([waits(0), waits(1), sets], 1), 0);
  });

  test("with no delay at all starts them right after each other, in order", () =>
    simulate(async () => {
      const contest = new Contest();
      const attempts = [contest.attempt("a", 5), contest.attempt("b", 2), contest.attempt("c", 8)];
      assert.equal(await staggered(attempts, 0), "b");
      assert.deepEqual(contest.log.slice(0, 3), ["0 a starts", "0 b starts", "0 c starts"]);
      assert.equal(getRunningLoop().time(), 2);
    }));

  test("with an endless delay only a failure starts the next; functions and coroutines may attempt", () =>
    simulate(async () => {
      const fetchCopy = coroutine(async (name: string) => sleep(1000, name));
      const failing = (): never => {
        throw new Error("at once");
      };
      assert.equal(await staggered([failing, fetchCopy("first copy"), fetchCopy("second")], Infinity), "first copy");
    }));

  test("refuses an empty list, what cannot run, and no duration; nothing is started then [test_staggered: test_empty]", async () => {
    const contest = new Contest();
    await assert.rejects(staggered([], 1), TypeError);
    await assert.rejects(staggered([contest.attempt("a", 1), 5 as never], 1), /attempt 1: expected a function, got 5/);
    await assert.rejects(staggered([contest.attempt("a", 1)], Number.NaN), RangeError);
    assert.deepEqual(contest.log, []);
  });

  test("shows a cancellation to an attempt at each wait; one that returns all the same wins, and the caller's next wait is cancelled [test_staggered: test_cancelled]", () =>
    simulate(async () => {
      const log: string[] = [];
      const outer = timeout(null, async (outside) => {
        await timeout(null, async (inside) => {
          const stubborn = async (): Promise<string> => {
            for (const block of [inside, outside]) {
              block.reschedule(-1);
              await sleep(0).catch((error: unknown) => log.push(`cancelled: ${isCancelled(error)}`));
            }
            return "won";
          };
          log.push(await staggered([stubborn], null));
          await checkpoint();
          log.push("not reached");
        });
      });
      await assert.rejects(outer, TimeoutError);
      assert.deepEqual(log, ["cancelled: true", "cancelled: true", "won"]);
    }));

  test("is cancelled with its caller, together with all attempts [test_staggered: test_cancelled]", () =>
    simulate(async () => {
      const contest = new Contest();
      const attempts = ["a", "b", "c"].map((name) => contest.attempt(name, 100));
      const task = createTask(() => staggered(attempts, 10));
      await sleep(15);
      task.cancel("enough");
      await assert.rejects(task.then(), (error) => isCancelled(error) && error.reason === "enough");
      assert.deepEqual(contest.log, ["0 a starts", "10 b starts", "15 a is cancelled", "15 b is cancelled"]);
    }));

  test("leaves nobody running and returns only a value of its own, in all interleavings", async () => {
    const attempt = fc.record({ duration: fc.nat({ max: 4 }), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(attempt, { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 3 }),
        fc.nat({ max: 8 }),
        fc.nat(),
        (attempts, delay, patience, seed) =>
          simulate(
            async () => {
              let running = 0;
              const functions = attempts.map(({ duration, fails }, index) => async () => {
                running += 1;
                try {
                  await sleep(duration);
                } finally {
                  running -= 1;
                }
                if (fails) throw new Error(String(index));
                return index;
              });
              try {
                const winner = await moveOnAfter(patience, () => staggered(functions, delay));
                if (winner !== undefined) assert.equal(attempts[winner]?.fails, false);
              } catch (error) {
                assert.ok(error instanceof AggregateError);
                assert.equal(error.errors.length, attempts.length);
                assert.ok(attempts.every(({ fails }) => fails));
              }
              assert.equal(running, 0);
            },
            { seed },
          ),
      ),
      { numRuns: 150 },
    );
  });
});
