import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cancelScope,
  checkpoint,
  createTask,
  getRunningLoop,
  isCancelled,
  sleep,
  sleepForever,
  sleepUntil,
  yieldNow,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { timeWhenStuck } from "./time-when-stuck.ts";

describe("sleep", () => {
  test("takes milliseconds or a literal, and gives its value [test_tasks: test_sleep]", () =>
    simulate(async () => {
      const loop = getRunningLoop();
      assert.equal(await sleep(250, "value"), "value");
      for (const duration of ["250ms", "1.5s", "5m", "2h"] as const) await sleep(duration);
      assert.equal(loop.time(), 250 + 250 + 1_500 + 300_000 + 7_200_000);
      await sleepUntil(loop.time() + 10);
      assert.equal(loop.time(), 250 + 250 + 1_500 + 300_000 + 7_200_000 + 10);
    }));

  test("refuses NaN, and what is no duration [test_tasks: test_sleep_when_delay_is_nan]", async () => {
    await assert.rejects(sleep(Number.NaN), /sleep: expected a number of milliseconds, got NaN/);
    await assert.rejects(sleep("1 s"), /sleep: expected milliseconds or a literal .*, got "1 s"/);
    await assert.rejects(sleep(null as never), RangeError);
  });

  test("never returns early on the real clock", async () => {
    const loop = getRunningLoop();
    for (const delay of [1, 1.5, 2.25]) {
      const end = loop.time() + delay;
      await sleep(delay);
      assert.ok(loop.time() >= end);
    }
  });

  test("that is cancelled ends at once, and its timer is gone [test_tasks: test_sleep_cancel, test_task_cancel_sleeping_task]", () =>
    simulate(async () => {
      for (const wait of [() => sleep("1h"), () => sleep(Infinity), () => sleepForever(), () => sleepUntil(1e9)]) {
        const task = createTask(wait);
        await sleep(1);
        task.cancel();
        await assert.rejects(task.then(), isCancelled);
      }
      assert.equal(getRunningLoop().time(), 4);
      const cancelled = async (): Promise<void> => {
        const task = createTask(() => sleep("10s"));
        await sleep(1);
        await task.cancelAndWait();
      };
      assert.equal(await timeWhenStuck(cancelled), 1);
    }));

  test("of zero lets the others run once, and gives its value [test_tasks: test_sleep_zero]", async () => {
    const events: string[] = [];
    const other = createTask(() => void events.push("other"));
    getRunningLoop().callSoon(() => events.push("callback"));
    events.push(await sleep(0, "sleeper"));
    await other;
    assert.deepEqual(events, ["other", "callback", "sleeper"]);
    assert.equal(await timeWhenStuck(() => sleep(0)), 0);
  });

  test("wakes sleepers of one moment in the order in which they fell asleep", async () => {
    const order: number[] = [];
    const when = getRunningLoop().time() + 2;
    await Promise.all([1, 2, 3, 4].map((index) => sleepUntil(when).then(() => order.push(index))));
    assert.deepEqual(order, [1, 2, 3, 4]);
  });
});

describe("yieldNow and checkpoint", () => {
  test("are cancellation points that let the others run", async () => {
    for (const pause of [yieldNow, checkpoint]) {
      let others = 0;
      const other = createTask(() => (others += 1));
      await pause();
      assert.equal(others, 1);
      await other;
      await cancelScope(async (scope) => {
        scope.cancel();
        await assert.rejects(pause(), isCancelled);
      });
    }
  });

  test("checkpoint also sees the cancellation that came while it yielded", async () => {
    await cancelScope(async (scope) => {
      queueMicrotask(() => scope.cancel());
      await assert.rejects(checkpoint(), isCancelled);
    });
  });
});
