import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, Queue, run, type Task } from "tsyncio";
import { microtasks, offsets, turn } from "../sync/turn.ts";

/** Runs a race at each offset, in both orders: the wake-up first, or the cancellation first. */
async function atEachOffset(race: (offset: number, wakeFirst: boolean) => Promise<void>): Promise<void> {
  for (const wakeFirst of [true, false]) {
    for (const offset of offsets) await run(() => race(offset, wakeFirst));
  }
}

async function inOrder(first: () => void, offset: number, second: () => void): Promise<void> {
  first();
  await microtasks(offset);
  second();
}

function getter(queue: Queue<number>, got: number[]): Task<void> {
  return createTask(
    async () => {
      got.push(await queue.get());
    },
    { eager: true },
  );
}

function putter(queue: Queue<number>, item: number): Task<void> {
  return createTask(() => queue.put(item), { eager: true });
}

describe("a cancellation that races with a wake-up", () => {
  test("leaves the item to the next getter, or with the one that was served [test_queues: test_get_cancelled, test_get_cancelled_race]", async () => {
    await atEachOffset(async (offset, wakeFirst) => {
      const queue = new Queue<number>();
      const [cancelled, kept]: [number[], number[]] = [[], []];
      const task = getter(queue, cancelled);
      getter(queue, kept);
      const wake = (): void => queue.putNowait(1);
      const cancel = (): void => void task.cancel();
      await (wakeFirst ? inOrder(wake, offset, cancel) : inOrder(cancel, offset, wake));
      await turn();
      assert.deepEqual([cancelled, kept], wakeFirst ? [[1], []] : [[], [1]], `offset ${offset}`);
      assert.deepEqual([queue.qsize(), queue.statistics().getters], [0, wakeFirst ? 1 : 0]);
    });
  });

  test("drops no item of readers that were just served, one or many [test_queues: test_get_cancel_drop_one_pending_reader, test_get_cancel_drop_many_pending_readers]", async () => {
    for (const readers of [1, 20]) {
      await atEachOffset(async (offset, wakeFirst) => {
        const queue = new Queue<number>();
        const got: number[] = [];
        const tasks = Array.from({ length: readers }, () => getter(queue, got));
        const wake = (): void => {
          for (let item = 0; item < readers; item += 1) queue.putNowait(item);
        };
        const cancel = (): void => {
          for (const task of tasks.slice(0, Math.ceil(readers / 2))) task.cancel();
        };
        await (wakeFirst ? inOrder(wake, offset, cancel) : inOrder(cancel, offset, wake));
        await turn();
        const left = Array.from({ length: queue.qsize() }, () => queue.getNowait());
        assert.deepEqual(
          [...got, ...left],
          Array.from({ length: readers }, (_, index) => index),
          `offset ${offset}`,
        );
        assert.equal(queue.statistics().getters, 0);
      });
    }
  });

  test("puts an item in exactly once, or never [test_queues: test_put_cancel_drop, test_put_cancelled, test_put_cancelled_race]", async () => {
    await atEachOffset(async (offset, wakeFirst) => {
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      const cancelled = putter(queue, 1);
      const kept = putter(queue, 2);
      const got: number[] = [];
      const wake = (): void => void got.push(queue.getNowait());
      const cancel = (): void => void cancelled.cancel();
      await (wakeFirst ? inOrder(wake, offset, cancel) : inOrder(cancel, offset, wake));
      await turn();
      while (!queue.empty()) got.push(queue.getNowait());
      await kept;
      assert.deepEqual(got, wakeFirst ? [0, 1, 2] : [0, 2], `offset ${offset}`);
      assert.equal(cancelled.cancelled(), !wakeFirst);
    });
  });

  test("is harmless when the line has changed meanwhile [test_queues: test_cancelled_put_silence_value_error_exception]", async () => {
    await run(async () => {
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      const blocked = putter(queue, 1);
      queue.getNowait();
      blocked.cancel();
      await turn();
      assert.equal(queue.getNowait(), 1);
    });
  });

  test("is harmless when the queue is shut down in the same tick", async () => {
    await atEachOffset(async (offset, wakeFirst) => {
      const queue = new Queue<number>();
      const task = getter(queue, []);
      task.catch(() => {});
      const end = (): void => queue.shutdown();
      const cancel = (): void => void task.cancel();
      await (wakeFirst ? inOrder(end, offset, cancel) : inOrder(cancel, offset, end));
      await turn();
      assert.equal(task.cancelled(), !wakeFirst, `offset ${offset}`);
      assert.equal(queue.statistics().getters, 0);
    });
  });
});
