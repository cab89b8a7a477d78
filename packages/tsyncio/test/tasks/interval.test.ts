import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { getRunningLoop, interval, isCancelled, createTask, moveOnAfter, sleep, sleepUntil } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { timeWhenStuck } from "./time-when-stuck.ts";
import { runProgram } from "../kernel/program.ts";

describe("interval", () => {
  test("ticks once each period, the first time after one, and does not drift", () =>
    simulate(async () => {
      const ticks: [number, number][] = [];
      for await (const tick of interval("10ms")) {
        ticks.push([tick, getRunningLoop().time()]);
        if (tick === 4) break;
        await sleep(7);
      }
      assert.deepEqual(ticks, [
        [1, 10],
        [2, 20],
        [3, 30],
        [4, 40],
      ]);
    }));

  test("leaves no timer behind when its loop is left or cancelled", async () => {
    const read = async (last: number): Promise<void> => {
      for await (const tick of interval(10)) if (tick === last) break;
    };
    assert.equal(await timeWhenStuck(() => read(2)), 20);
    assert.equal(await timeWhenStuck(() => moveOnAfter(25, () => read(9))), 25);
  });

  test("takes a moment that is off by the rounding of floating-point numbers for that of its tick", () =>
    simulate(async () => {
      const ticks = interval(0.1);
      assert.notEqual((3 * 0.1) / 0.1, 3);
      await sleepUntil(3 * 0.1);
      assert.deepEqual(await ticks.next(), { done: false, value: 3 });
    }));

  test("misses the ticks that pass while the body is busy, and goes on at a moment of its own", () =>
    simulate(async () => {
      const ticks: [number, number][] = [];
      for await (const tick of interval(10)) {
        ticks.push([tick, getRunningLoop().time()]);
        if (tick >= 8) break;
        if (tick === 1) await sleep(25);
        if (tick === 4) await sleep(20);
      }
      assert.deepEqual(
        ticks,
        [
          [1, 10],
          [4, 40],
          [6, 60],
          [7, 70],
          [8, 80],
        ],
        "a body that ends just at the moment of a tick does not miss it",
      );
    }));

  test("loses nothing when next() is cancelled, and goes on", () =>
    simulate(async () => {
      const ticks = interval(10);
      assert.equal(await moveOnAfter(5, () => ticks.next(), "gave up"), "gave up");
      assert.deepEqual(await ticks.next(), { done: false, value: 1 });
      const task = createTask(async () => {
        for await (const _tick of ticks);
      });
      await sleep(15);
      task.cancel();
      await assert.rejects(task.then(), isCancelled);
      assert.equal(getRunningLoop().time(), 25);
    }));

  test("that is left ends a next() that waits, and ticks no more", () =>
    simulate(async () => {
      const ticks = interval("1h");
      const waiting = createTask(() => ticks.next());
      await sleep(1);
      await ticks.return?.();
      assert.deepEqual(await waiting, { done: true, value: undefined });
      assert.deepEqual(await ticks.next(), { done: true, value: undefined });
      assert.equal(getRunningLoop().time(), 1);
    }));

  test("refuses what is no period", () => {
    assert.throws(() => interval(0), /interval: expected a duration above zero, and not endless, got 0/);
    assert.throws(() => interval(-1), RangeError);
    assert.throws(() => interval(Number.POSITIVE_INFINITY), RangeError);
    assert.throws(() => interval("often" as never), RangeError);
  });

  test("keeps the process alive while it is waited for, and no longer", async () => {
    const { status, lines } = await runProgram(`
      import { interval, run } from "tsyncio";
      await run(async () => {
        for await (const tick of interval(1)) { console.log(tick); if (tick >= 1) break; }
        interval("1h");
      });`);
    assert.equal(status, 0);
    assert.equal(lines.length, 1);
  });

  test("wakes at multiples of the period only, each number once, whatever the body does", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2.5, 0.1, 7),
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 10 }),
        (period, pauses) =>
          simulate(async () => {
            const ticks = interval(period);
            let last = 0;
            for (const pause of pauses) {
              await sleep(pause);
              const before = getRunningLoop().time();
              const tick = (await ticks.next()).value as number;
              const now = getRunningLoop().time();
              assert.ok(tick > last);
              assert.ok(Math.abs(now - tick * period) < 1e-6, `tick ${tick} came at ${now}`);
              assert.ok(now - before <= period + 1e-6, "the first tick still to come");
              last = tick;
            }
          }),
      ),
      { numRuns: 100 },
    ));
});
