import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  createTask,
  gather,
  getRunningLoop,
  isCancelled,
  limiter,
  moveOnAfter,
  race,
  sleep,
  sleepForever,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

describe("limiter", () => {
  test("runs so many calls at once, the others in the order of their coming", () =>
    simulate(async () => {
      const limit = limiter(2);
      const starts: string[] = [];
      const work = async (name: string, duration: number): Promise<string> => {
        starts.push(`${getRunningLoop().time()} ${name}`);
        return sleep(duration, name);
      };
      const names = await Promise.all([
        limit(work, "a", 10),
        limit(work, "b", 20),
        limit(work, "c", 5),
        limit(() => 4),
      ]);
      assert.deepEqual(names, ["a", "b", "c", 4]);
      assert.deepEqual(starts, ["0 a", "0 b", "10 c"]);
      assert.equal(getRunningLoop().time(), 20);
    }));

  test("passes errors on, also those thrown synchronously, and gives the place free", () =>
    simulate(async () => {
      const limit = limiter(1);
      const fail = (message: string): never => {
        throw new Error(message);
      };
      await assert.rejects(limit(fail, "at once"), /at once/);
      await assert.rejects(
        limit(async () => fail("later")),
        /later/,
      );
      assert.equal(limit.activeCount, 0);
    }));

  test("counts those that run and those that wait", () =>
    simulate(async () => {
      const limit = limiter(2);
      const all = Promise.all([1, 2, 3, 4, 5].map(() => limit(() => sleep(10))));
      assert.deepEqual([limit.activeCount, limit.pendingCount, limit.concurrency], [2, 3, 2]);
      await sleep(15);
      assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 1]);
      await all;
      assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
    }));

  test("starts nothing while it is paused, and lets what runs go on", () =>
    simulate(async () => {
      const limit = limiter(1);
      const first = limit(() => sleep(10, "first"));
      limit.pause();
      const second = limit(() => getRunningLoop().time());
      assert.equal(await first, "first");
      await sleep(10);
      assert.deepEqual([limit.paused, limit.activeCount, limit.pendingCount], [true, 0, 1]);
      limit.resume();
      assert.equal(await second, 20);
      assert.equal(limit.paused, false);
    }));

  test("can be idled for: until nothing runs and nobody waits", () =>
    simulate(async () => {
      const limit = limiter(1);
      await limit.onIdle();
      void limit(() => sleep(10));
      void limit(() => sleep(10));
      await limit.onIdle();
      assert.equal(getRunningLoop().time(), 20);
      limit.pause();
      void limit(() => 1);
      assert.equal(await moveOnAfter(5, () => limit.onIdle(), "still waiting"), "still waiting");
      limit.resume();
      await limit.onIdle();
    }));

  test("that is cleared sends those who wait away, and leaves those who run alone", () =>
    simulate(async () => {
      const limit = limiter(1);
      const running = limit(() => sleep(10, "done"));
      const waiting = [1, 2].map(() => limit(() => assert.fail("called")));
      assert.equal(limit.clear("no longer wanted"), 2);
      for (const call of waiting) {
        await assert.rejects(call, (error) => isCancelled(error) && error.reason === "no longer wanted");
      }
      assert.equal(limit.clear(), 0);
      await limit.onIdle();
      assert.equal(await running, "done");
    }));

  test("can be given another width: more start at once, none that runs is stopped", () =>
    simulate(async () => {
      const limit = limiter(1);
      const all = Promise.all([1, 2, 3, 4].map(() => limit(() => sleep(10))));
      limit.concurrency = 3;
      assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 1]);
      limit.concurrency = 1;
      assert.equal(limit.activeCount, 3);
      await all;
      assert.equal(getRunningLoop().time(), 20);
      assert.throws(() => (limit.concurrency = 0), RangeError);
    }));

  test("takes a call whose caller is cancelled out of the line, and ends the waits of one that runs", () =>
    simulate(async () => {
      const limit = limiter(1);
      const running = createTask(() => limit(() => sleepForever()));
      const waiting = createTask(() => limit(() => assert.fail("called")));
      await sleep(1);
      waiting.cancel();
      await assert.rejects(waiting.then(), isCancelled);
      assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
      running.cancel();
      await assert.rejects(running.then(), isCancelled);
      assert.equal(limit.activeCount, 0);
      assert.equal(await race([() => limit(() => sleep(5, "usable"))]), "usable");
    }));

  test("does not call a function whose caller was cancelled after its turn had come", () =>
    simulate(async () => {
      const limit = limiter(1);
      void limit(() => sleep(10));
      const waiting = createTask(() => limit(() => assert.fail("called")));
      await sleep(1);
      limit.concurrency = 2;
      assert.equal(limit.activeCount, 2, "its turn has come");
      waiting.cancel();
      await assert.rejects(waiting.then(), isCancelled);
      assert.equal(limit.activeCount, 1);
    }));

  test("is idle when the last call that waited is cancelled", () =>
    simulate(async () => {
      const limit = limiter(1);
      limit.pause();
      const waiting = createTask(() => limit(() => assert.fail("called")));
      await sleep(1);
      const idle = createTask(() => limit.onIdle());
      await sleep(1);
      waiting.cancel();
      await idle;
    }));

  test("refuses a width below one, and what is no function", async () => {
    assert.throws(() => limiter(0), /limiter: expected a whole number from 1 on, or Infinity, got 0/);
    assert.throws(() => limiter(1.5), RangeError);
    await assert.rejects(limiter(1)(5 as never), /limiter: expected a function, got 5/);
  });

  test("never exceeds its width, loses no place and is first come, first served, in all interleavings", async () => {
    const call = fc.record({
      pause: fc.nat({ max: 3 }),
      stay: fc.nat({ max: 3 }),
      patience: fc.option(fc.nat({ max: 5 }), { nil: Number.POSITIVE_INFINITY }),
    });
    const meddling = fc.record({
      when: fc.nat({ max: 6 }),
      what: fc.constantFrom("clear", "pause", "widen", "narrow"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 12 }),
        fc.array(meddling, { maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        (calls, meddlings, width, seed) =>
          simulate(
            async () => {
              const limit = limiter(width);
              let running = 0;
              const asked: number[] = [];
              const started: number[] = [];
              const work = async (index: number, stay: number): Promise<void> => {
                started.push(index);
                running += 1;
                try {
                  assert.ok(running <= Math.max(width, limit.concurrency));
                  await sleep(stay);
                } finally {
                  running -= 1;
                }
              };
              const visits = calls.map(({ pause, stay, patience }, index) => async () => {
                await sleep(pause);
                asked.push(index);
                await moveOnAfter(patience, () => limit(work, index, stay));
              });
              const meddle = meddlings.map(({ when, what }) => async () => {
                await sleep(when);
                if (what === "clear") limit.clear();
                else if (what === "widen") limit.concurrency = width + 2;
                else if (what === "narrow") limit.concurrency = width;
                else {
                  limit.pause();
                  await sleep(2);
                  limit.resume();
                }
              });
              await gather([...visits, ...meddle], { settled: true });
              assert.deepEqual([limit.activeCount, limit.pendingCount, running], [0, 0, 0]);
              await limit.onIdle();
              const inOrder = asked.filter((index) => started.includes(index));
              // Those that get their places in one step may start in any order: the seed decides.
              if (width === 1 && !meddlings.some(({ what }) => what === "widen")) assert.deepEqual(started, inOrder);
            },
            { seed },
          ),
      ),
      { numRuns: 200 },
    );
  });
});
