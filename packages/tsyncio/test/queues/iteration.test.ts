import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CancelledError, cancelScope, createTask, gather, moveOnAfter, Queue, run, sleep } from "tsyncio";
import { simulate } from "tsyncio/testing";
import { microtasks, offsets, turn } from "../sync/turn.ts";

async function collect<T>(queue: Queue<T>, into: T[] = []): Promise<T[]> {
  for await (const item of queue) into.push(item);
  return into;
}

describe("a loop over a queue", () => {
  test("gets the items and ends when the queue is shut down", async () => {
    await run(async () => {
      const queue = new Queue<number>(2);
      const loop = createTask(() => collect(queue));
      for (let item = 0; item < 10; item += 1) await queue.put(item);
      queue.shutdown();
      assert.deepEqual(await loop, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.deepEqual(await collect(queue), []);
    });
  });

  test("ends when the queue is shut down while it waits", async () => {
    await run(async () => {
      const queue = new Queue<number>();
      const loop = createTask(() => collect(queue), { eager: true });
      await turn();
      queue.shutdown();
      assert.deepEqual(await loop, []);
    });
  });

  test("throws the error with which the queue was shut down, after the last item", async () => {
    await run(async () => {
      for (const waits of [true, false]) {
        const queue = new Queue<number>();
        const error = new Error("the source broke");
        const items: number[] = [];
        if (!waits) queue.putNowait(1);
        const loop = createTask(() => collect(queue, items), { eager: waits });
        if (waits) queue.putNowait(1);
        await turn();
        queue.shutdown({ error });
        await assert.rejects(async () => loop, error);
        assert.deepEqual(items, [1]);
      }
    });
  });

  test("shares the items with other loops: each goes to one of them", async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const parts = await simulate(
        async () => {
          const queue = new Queue<number>(3);
          const loops = [0, 1, 2].map(() => createTask(() => collect(queue)));
          for (let item = 0; item < 30; item += 1) await queue.put(item);
          queue.shutdown();
          return gather(loops);
        },
        { seed },
      );
      const ascending = parts.flat().toSorted((a, b) => a - b);
      assert.deepEqual(
        ascending,
        Array.from({ length: 30 }, (_, index) => index),
        `seed ${seed}`,
      );
    }
  });

  test("leaves the queue as it is when it is left early", async () => {
    const queue = new Queue<number>();
    for (const item of [1, 2, 3]) queue.putNowait(item);
    for await (const item of queue) {
      assert.equal(item, 1);
      break;
    }
    assert.equal(queue.qsize(), 2);
    assert.deepEqual(await queue.get(), 2);
  });

  test("goes on with the same iterator after a next() that was cancelled, and loses nothing", async () => {
    await simulate(async () => {
      const queue = new Queue<number>();
      const iterator = queue[Symbol.asyncIterator]();
      assert.equal(await moveOnAfter("1s", () => iterator.next()), undefined);
      assert.equal(queue.statistics().getters, 0);
      createTask(async () => {
        await sleep("1s");
        queue.putNowait(1);
        queue.shutdown();
      });
      assert.deepEqual(await iterator.next(), { done: false, value: 1 });
      assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    });
  });

  test("leaves the item in the queue, or has it, when a cancellation and a put race, at each offset", async () => {
    for (const putFirst of [true, false]) {
      for (const offset of offsets) {
        await run(async () => {
          const queue = new Queue<string>();
          const got: string[] = [];
          const loop = createTask(() => collect(queue, got), { eager: true });
          if (putFirst) queue.putNowait("item");
          else loop.cancel();
          await microtasks(offset);
          if (putFirst) loop.cancel();
          else queue.putNowait("item");
          await assert.rejects(async () => loop, CancelledError);
          assert.deepEqual([got, queue.qsize()], putFirst ? [["item"], 0] : [[], 1], `offset ${offset}`);
        });
      }
    }
  });

  test("is a cancellation point although items are always there", async () => {
    const queue = new Queue<number>();
    for (let item = 0; item < 100; item += 1) queue.putNowait(item);
    let taken = 0;
    await cancelScope(async (scope) => {
      for await (const _item of queue) {
        taken += 1;
        if (taken === 10) scope.cancel();
      }
    });
    assert.deepEqual([taken, queue.qsize()], [10, 90]);
  });
});
