import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  createTask,
  Future,
  getRunningLoop,
  isCancelled,
  moveOnAfter,
  sleep,
  sleepForever,
  type Task,
  wait,
} from "../../src/index.ts";
import { explore, simulate } from "../../src/testing.ts";
import { timeWhenStuck } from "./time-when-stuck.ts";

const failAfter = (delay: number, message: string): Task<never> =>
  createTask(async () => {
    await sleep(delay);
    throw new Error(message);
  });

describe("wait", () => {
  test("waits for all by default, and again on ended tasks without waiting [test_tasks: test_wait]", () =>
    simulate(async () => {
      const a = createTask(() => sleep(10, "a"));
      const b = createTask(() => sleep(15, "b"));
      assert.deepEqual(await wait([b, a]), { done: new Set([b, a]), pending: new Set() });
      assert.equal(getRunningLoop().time(), 15);
      assert.deepEqual(await wait([b, a]), { done: new Set([b, a]), pending: new Set() });
      assert.equal(getRunningLoop().time(), 15);
      assert.equal(a.result(), "a");
    }));

  test("has a task in exactly one set that ends in the moment of the timeout [test_tasks: test_wait_concurrent_complete]", () =>
    explore(
      async () => {
        const a = createTask(() => sleep(100));
        const b = createTask(() => sleep(150));
        const { done, pending } = await wait([b, a], { timeout: 100 });
        assert.equal(getRunningLoop().time(), 100);
        assert.deepEqual([done.has(b), pending.has(b)], [false, true]);
        assert.equal(done.has(a), !pending.has(a));
        if (done.has(a)) assert.equal(a.done(), true);
      },
      { runs: 30 },
    ));

  test("throws no error of a task: it stays in the task [test_tasks: test_wait_with_exception]", () =>
    simulate(async () => {
      const good = createTask(() => sleep(10));
      const bad = failAfter(5, "kept");
      const { done, pending } = await wait([good, bad]);
      assert.deepEqual([done.size, pending.size], [2, 0]);
      assert.match(String(bad.exception()), /kept/);
    }));

  test("with FIRST_COMPLETED returns at the first end, and the others go on [test_tasks: test_wait_first_completed]", () =>
    simulate(async () => {
      const slow = createTask(() => sleep(10, "slow"));
      const quick = createTask(() => sleep(1, "quick"));
      const { done, pending } = await wait([slow, quick], { returnWhen: "FIRST_COMPLETED" });
      assert.deepEqual([done, pending], [new Set([quick]), new Set([slow])]);
      assert.equal(await slow, "slow");
    }));

  test("has all in done that ended until the waiter went on [test_tasks: test_wait_really_done]", async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      await simulate(
        async () => {
          const futures = [new Future<number>(), new Future<number>()];
          createTask(() => futures.forEach((future, index) => future.setResult(index)));
          const { done } = await wait(futures, { returnWhen: "FIRST_COMPLETED" });
          assert.deepEqual(done, new Set(futures));
        },
        { seed },
      );
    }
  });

  test("with FIRST_EXCEPTION returns at the first failure, also one from before [test_tasks: test_wait_first_exception, test_wait_first_exception_in_wait]", () =>
    simulate(async () => {
      const slow = createTask(() => sleep(10));
      const cancelled = createTask(() => sleepForever());
      cancelled.cancel();
      const bad = failAfter(5, "no");
      const { done, pending } = await wait([slow, bad, cancelled], { returnWhen: "FIRST_EXCEPTION" });
      assert.deepEqual([done, pending], [new Set([bad, cancelled]), new Set([slow])]);
      assert.equal(getRunningLoop().time(), 5, "a cancelled task is no failure");
      assert.equal((await wait([slow, bad], { returnWhen: "FIRST_EXCEPTION" })).done.size, 1, "one from before");
      assert.equal((await wait([slow], { returnWhen: "FIRST_EXCEPTION" })).done.size, 1);
    }));

  test("returns what has ended when the timeout passes, and cancels nothing [test_tasks: test_wait_with_timeout]", () =>
    simulate(async () => {
      const slow = createTask(() => sleep(10, "slow"));
      const quick = createTask(() => sleep(1));
      const { done, pending } = await wait([slow, quick], { timeout: 5 });
      assert.deepEqual([done, pending], [new Set([quick]), new Set([slow])]);
      assert.equal(getRunningLoop().time(), 5);
      assert.equal(await slow, "slow");
      const never = new Future<void>();
      assert.deepEqual((await wait([never, slow], { timeout: 0 })).done, new Set([slow]));
      assert.deepEqual((await wait([slow], { timeout: null })).done, new Set([slow]));
    }));

  test("counts one that is given twice once, of any iterable [test_tasks: test_wait_duplicate_coroutines, test_wait_with_iterator_of_tasks, test_wait_generator]", () =>
    simulate(async () => {
      const task = createTask(() => sleep(1));
      const twice = function* (): Generator<Task<void>> {
        yield task;
        yield task;
      };
      assert.deepEqual(await wait(twice()), { done: new Set([task]), pending: new Set() });
    }));

  test("refuses empty input, what is neither task nor future, and a wrong returnWhen [test_tasks: test_wait_errors, test_wait_invalid_args]", async () => {
    await assert.rejects(wait([]), /wait: expected at least one task or future, got none/);
    await assert.rejects(wait(5 as never), /expected an iterable of tasks and futures, got 5/);
    await assert.rejects(wait(createTask(() => {}) as never), TypeError);
    await assert.rejects(wait([() => 1] as never), /got a function: start it with createTask\(\)/);
    await assert.rejects(wait([Promise.resolve()] as never), /got a promise/);
    await assert.rejects(wait(new Future() as never), /expected an iterable of tasks and futures, got an object/);
    await assert.rejects(wait(new Set<Task<void>>()), /expected at least one/);
    const task = createTask(() => {});
    await assert.rejects(wait([task], { returnWhen: "NOW" as never }), /FIRST_COMPLETED.*got "NOW"/);
    await assert.rejects(wait([task], { timeout: Number.NaN }), RangeError);
  });

  test("that is cancelled stops waiting, and leaves the tasks alone", () =>
    simulate(async () => {
      const task = createTask(() => sleep(100, "on"));
      const waiter = createTask(() => wait([task], { timeout: "1h" }));
      await sleep(1);
      waiter.cancel("enough");
      await assert.rejects(waiter.then(), (error) => isCancelled(error) && error.reason === "enough");
      assert.equal(await task, "on");
    }));

  test("leaves no timer behind, whether it is cancelled or the tasks have ended in time", async () => {
    const cancelled = timeWhenStuck(() => moveOnAfter(5, () => wait([new Future()], { timeout: "1h" })));
    assert.equal(await cancelled, 5);
    const inTime = timeWhenStuck(() => wait([createTask(() => sleep(5))], { timeout: "1h" }));
    assert.equal(await inTime, 5);
  });

  test("puts each task into exactly one set, in every order of ends, failures and cancellations", async () => {
    const end = fc.record({ delay: fc.nat({ max: 3 }), how: fc.constantFrom("value", "failure", "cancel") });
    await fc.assert(
      fc.asyncProperty(
        fc.array(end, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"),
        fc.option(fc.nat({ max: 4 }), { nil: Number.POSITIVE_INFINITY }),
        fc.nat({ max: 4 }),
        fc.nat(),
        (ends, returnWhen, timeout, patience, seed) =>
          simulate(
            async () => {
              const futures = ends.map(() => new Future<number>());
              ends.forEach(({ delay, how }, index) => {
                const future = futures[index] as Future<number>;
                createTask(async () => {
                  await sleep(delay);
                  if (how === "value") future.setResult(index);
                  else if (how === "failure") future.setException(new Error("no"));
                  else future.cancel();
                });
              });
              await moveOnAfter(patience, async () => {
                const { done, pending } = await wait(futures, { returnWhen, timeout });
                assert.deepEqual(new Set([...done, ...pending]), new Set(futures));
                assert.equal(done.size + pending.size, futures.length);
                for (const future of done) assert.ok(future.done());
                const failed = [...done].some((future) => !future.cancelled() && future.exception() !== undefined);
                const met =
                  pending.size === 0 ||
                  (returnWhen === "FIRST_COMPLETED" && done.size > 0) ||
                  (returnWhen === "FIRST_EXCEPTION" && failed);
                assert.ok(met || getRunningLoop().time() === timeout, "neither the condition nor the timeout");
              });
            },
            { seed },
          ),
      ),
      { numRuns: 150 },
    );
  });
});
