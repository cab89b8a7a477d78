import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  allTasks,
  asCompleted,
  cancelScope,
  coroutine,
  createTask,
  Future,
  gather,
  getRunningLoop,
  isCancelled,
  moveOnAfter,
  run,
  shield,
  sleep,
  sleepForever,
  TimeoutError,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { timeWhenStuck } from "./time-when-stuck.ts";

describe("asCompleted", () => {
  test("yields tasks in the order in which they end, however they end [test_tasks: test_as_completed]", () =>
    simulate(async () => {
      const fetchSlowly = coroutine(async (delay: number) => sleep(delay, delay));
      const failing = async (): Promise<never> => {
        await sleep(20);
        throw new Error("no");
      };
      const ends: unknown[] = [];
      for await (const task of asCompleted([() => sleep(30, 30), failing, fetchSlowly(10), () => 0])) {
        ends.push(await Promise.resolve(task).catch(String));
      }
      assert.deepEqual(ends, [0, 10, "Error: no", 30]);
      assert.equal(getRunningLoop().time(), 30, "all ran at once");
    }));

  test("yields the very tasks that were passed in [test_tasks: test_as_completed_same_tasks_in_as_out]", () =>
    simulate(async () => {
      const slow = createTask(() => sleep(10));
      const future = new Future<string>();
      future.setResult("done before");
      const yielded: unknown[] = [];
      for await (const each of asCompleted([slow, future])) yielded.push(each);
      assert.deepEqual(yielded, [future, slow]);
    }));

  test("takes one that is given twice once, and a function each time [test_tasks: test_as_completed_duplicate_coroutines]", () =>
    simulate(async () => {
      const task = createTask(() => sleep(1));
      const lazy = coroutine(async () => {})();
      const work = (): number => 1;
      let count = 0;
      for await (const _task of asCompleted([task, lazy, task, lazy, work, work])) count += 1;
      assert.equal(count, 4);
      assert.deepEqual(await asCompleted([]).next(), { done: true, value: undefined });
    }));

  test("rejects with a TimeoutError where it would have to wait on [test_tasks: test_as_completed_with_timeout]", () =>
    simulate(async () => {
      const borrowed = createTask(() => sleep(100, "goes on"));
      const log: string[] = [];
      const slow = async (): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(5));
          log.push("the function unwound");
        }
      };
      const iterator = asCompleted([borrowed, slow, () => sleep(10, "in time")], { timeout: 50 });
      const first = await iterator.next();
      assert.equal(first.value?.result(), "in time");
      await assert.rejects(iterator.next(), (error) => {
        assert.ok(error instanceof TimeoutError);
        assert.match(error.message, /asCompleted: 2 job\(s\) had not ended after 50 ms/);
        return true;
      });
      log.push("the timeout was thrown");
      assert.deepEqual(log, ["the function unwound", "the timeout was thrown"]);
      assert.equal(await borrowed, "goes on");
    }));

  test("yields what has ended also after the timeout, which only bounds the waiting", () =>
    simulate(async () => {
      const iterator = asCompleted([() => sleep(1, 1), () => sleep(2, 2)], { timeout: 10 });
      assert.equal((await iterator.next()).value?.result(), 1);
      await sleep(20);
      assert.equal((await iterator.next()).value?.result(), 2);
      assert.equal((await iterator.next()).done, true);
    }));

  test("leaves no timer behind, whether all end in time, the loop is left or cancelled [test_tasks: test_as_completed_with_unused_timeout]", async () => {
    const read = async (duration: number): Promise<void> => {
      for await (const task of asCompleted([() => sleep(duration), () => sleep(1)], { timeout: "1h" })) task.result();
    };
    assert.equal(await timeWhenStuck(() => read(5)), 5);
    assert.equal(await timeWhenStuck(() => moveOnAfter(7, () => read(500))), 7);
    assert.equal(await timeWhenStuck(() => asCompleted([() => sleep(3)], { timeout: "1h" }).next()), 3);
  });

  test("continues with the tasks that are left in a second loop [test_tasks: test_as_completed_resume_iterator]", () =>
    simulate(async () => {
      const tasks = [3, 1, 2].map((delay) => createTask(() => sleep(delay, delay)));
      const iterator = asCompleted(tasks);
      const values: number[] = [];
      for await (const task of iterator) {
        values.push(task.result());
        break;
      }
      for await (const task of iterator) values.push(task.result());
      assert.deepEqual(values, [1, 2, 3]);
    }));

  test("gives those who ask side by side one task each, in the order of their ends [test_tasks: test_as_completed_reverse_wait, test_as_completed_concurrent]", () =>
    simulate(async () => {
      const [slow, quick] = [createTask(() => sleep(10, "slow")), createTask(() => sleep(5, "quick"))];
      const iterator = asCompleted([slow, quick], { timeout: null });
      const ends: string[] = [];
      const ask = async (): Promise<void> => {
        const { value } = await iterator.next();
        ends.push(`${value?.result() ?? "none"} at ${getRunningLoop().time()}`);
      };
      await gather([ask, ask, ask]);
      assert.equal(ends[0], "quick at 5");
      assert.deepEqual(new Set(ends.slice(1)), new Set(["slow at 10", "none at 10"]));
    }));

  test("cancels and awaits what it owns when the loop is left early", () =>
    simulate(async () => {
      const log: string[] = [];
      const slow = async (): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(5));
          log.push("unwound");
        }
      };
      const before = allTasks();
      for await (const task of asCompleted([() => sleep(1, "first"), slow])) {
        assert.equal(task.result(), "first");
        break;
      }
      assert.deepEqual(log, ["unwound"]);
      assert.deepEqual(allTasks(), before);
    }));

  test("loses nothing when a narrower scope cancels next(); its own scope takes the functions along", () =>
    simulate(async () => {
      const iterator = asCompleted([() => sleep(10, "late"), () => sleep(20, "later")]);
      assert.equal(await moveOnAfter(5, () => iterator.next(), "gave up"), "gave up");
      assert.equal((await iterator.next()).value?.result(), "late");

      const log: string[] = [];
      const slow = async (): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(5));
          log.push("unwound");
        }
      };
      await cancelScope(async (scope) => {
        createTask(async () => {
          await sleep(1);
          scope.cancel();
        });
        for await (const _task of asCompleted([slow]));
      });
      assert.deepEqual(log, ["unwound"], "it is awaited, although the loop was cancelled");
    }));

  test("starts no function before the first next(), and none when it is left before", () =>
    simulate(async () => {
      let calls = 0;
      const iterator = asCompleted([() => (calls += 1)]);
      await sleep(1);
      assert.equal(calls, 0);
      await iterator.return?.();
      assert.equal((await iterator.next()).done, true);
      assert.equal(calls, 0);
    }));

  test("leaves functions that nobody waits for any more to the run, which cancels and awaits them", async () => {
    const log: string[] = [];
    await run(async () => {
      const iterator = asCompleted([
        () => "first",
        async () => {
          try {
            await sleepForever();
          } catch (error) {
            log.push(`cancelled: ${isCancelled(error)}`);
            throw error;
          }
        },
      ]);
      await iterator.next();
    });
    assert.deepEqual(log, ["cancelled: true"]);
  });

  test("refuses what is no list of jobs, before anything starts [test_tasks: test_as_completed_invalid_args]", () => {
    assert.throws(() => asCompleted(5 as never), /asCompleted: expected an array of jobs, got 5/);
    for (const one of [new Future(), coroutine(() => {})(), Promise.resolve()]) {
      assert.throws(() => asCompleted(one as never), /asCompleted: expected an array of jobs, got/);
    }
    assert.throws(() => asCompleted([() => assert.fail("started"), 5 as never]), /job 1: expected a function.*got 5/);
    assert.throws(() => asCompleted([], { timeout: "soon" as never }), RangeError);
  });

  test("yields each task once to readers side by side, in all interleavings with cancellations", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat({ max: 6 }), { maxLength: 5 }),
        fc.nat(),
        (delays, patiences, seed) =>
          simulate(
            async () => {
              const tasks = delays.map((delay) => createTask(() => sleep(delay)));
              const iterator = asCompleted(tasks);
              const got: unknown[] = [];
              const read = async (): Promise<boolean> => {
                const { done, value } = await iterator.next();
                if (value !== undefined) got.push(value);
                return done === true;
              };
              await gather(patiences.map((patience) => () => moveOnAfter(patience, read)));
              while (!(await read()));
              assert.equal(got.length, tasks.length);
              assert.deepEqual(new Set(got), new Set(tasks));
            },
            { seed },
          ),
      ),
      { numRuns: 150 },
    );
  });

  test("leaves no function running, wherever its loop is left, cancelled or out of time, in all interleavings", async () => {
    const way = fc.record({
      leaveAfter: fc.nat({ max: 5 }),
      patience: fc.nat({ max: 6 }),
      timeout: fc.nat({ max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }),
        way,
        fc.nat(),
        (delays, { leaveAfter, patience, timeout }, seed) =>
          simulate(
            async () => {
              let running = 0;
              const jobs = delays.map((delay) => async () => {
                running += 1;
                try {
                  await sleep(delay);
                } finally {
                  await shield(() => sleep(1));
                  running -= 1;
                }
                return delay;
              });
              const ends: number[] = [];
              const read = async (): Promise<void> => {
                let left = leaveAfter;
                for await (const task of asCompleted(jobs, { timeout })) {
                  ends.push(task.result());
                  left -= 1;
                  if (left === 0) break;
                }
              };
              await moveOnAfter(patience, read).catch((error: unknown) => assert.ok(error instanceof TimeoutError));
              assert.equal(running, 0);
              assert.deepEqual(
                ends,
                ends.toSorted((a, b) => a - b),
              );
            },
            { seed },
          ),
      ),
      { numRuns: 200 },
    );
  });
});
