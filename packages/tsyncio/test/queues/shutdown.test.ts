import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, InvalidStateError, LifoQueue, PriorityQueue, Queue, QueueShutDown, run } from "tsyncio";
import { turn } from "../sync/turn.ts";

for (const make of [
  (maxsize: number) => new Queue<number>(maxsize),
  (maxsize: number) => new LifoQueue<number>(maxsize),
  (maxsize: number) => new PriorityQueue<number>(maxsize),
]) {
  describe(`the shutdown of a ${make(0).constructor.name}`, () => {
    test("throws waiting getters out of an empty queue, and refuses whoever comes [test_queues: test_shutdown_empty]", async () => {
      await run(async () => {
        const queue = make(0);
        const waiting = createTask(() => queue.get(), { eager: true });
        queue.shutdown();
        await assert.rejects(async () => waiting, QueueShutDown);
        await assert.rejects(queue.get(), QueueShutDown);
        await assert.rejects(queue.put(1), QueueShutDown);
        assert.throws(() => queue.getNowait(), QueueShutDown);
        assert.throws(() => queue.putNowait(1), QueueShutDown);
        await queue.join();
      });
    });

    test("lets what is there be taken, while putters are thrown out, and join still waits for the marks [test_queues: test_shutdown_nonempty]", async () => {
      await run(async () => {
        const queue = make(1);
        queue.putNowait(1);
        const blocked = createTask(() => queue.put(2), { eager: true });
        const joined = createTask(() => queue.join(), { eager: true });
        queue.shutdown();
        await assert.rejects(async () => blocked, QueueShutDown);
        assert.throws(() => queue.putNowait(3), QueueShutDown);
        assert.equal(await queue.get(), 1);
        await assert.rejects(queue.get(), QueueShutDown);
        await turn();
        assert.equal(joined.done(), false);
        queue.taskDone();
        await joined;
      });
    });

    test("drops the items, and counts them as done, when it is immediate [test_queues: test_shutdown_immediate]", async () => {
      await run(async () => {
        const queue = make(0);
        queue.putNowait(1);
        queue.putNowait(2);
        const joined = createTask(() => queue.join(), { eager: true });
        queue.shutdown({ immediate: true });
        await joined;
        assert.equal(queue.qsize(), 0);
        await assert.rejects(queue.get(), QueueShutDown);
      });
    });

    test("waits in join for the items that were taken when it is immediate [test_queues: test_shutdown_immediate_with_unfinished]", async () => {
      await run(async () => {
        const queue = make(0);
        for (const item of [1, 2, 3]) queue.putNowait(item);
        await queue.get();
        await queue.get();
        const joined = createTask(() => queue.join(), { eager: true });
        queue.shutdown({ immediate: true });
        queue.taskDone();
        await turn();
        assert.equal(joined.done(), false);
        queue.taskDone();
        await joined;
      });
    });

    test("counts no dropped item that was marked done before it was taken a second time", () => {
      const queue = make(0);
      queue.putNowait(1);
      queue.putNowait(2);
      queue.taskDone();
      queue.shutdown({ immediate: true });
      assert.equal(queue.statistics().unfinished, 0);
      assert.throws(() => queue.taskDone(), InvalidStateError);
    });

    test("may be called again, and can then still drop what is left [test_queues: test_shutdown_immediate]", () => {
      const queue = make(0);
      queue.putNowait(1);
      queue.shutdown();
      queue.shutdown();
      assert.equal(queue.qsize(), 1);
      queue.shutdown({ immediate: true });
      assert.deepEqual([queue.qsize(), queue.statistics().unfinished, queue.statistics().shutDown], [0, 0, true]);
    });

    test("with an error throws that to readers once the items are taken, and names it to writers", async () => {
      await run(async () => {
        const queue = make(0);
        const error = new Error("the source broke");
        queue.putNowait(1);
        queue.shutdown({ error });
        queue.shutdown({ error: new Error("too late") });
        assert.equal(await queue.get(), 1);
        await assert.rejects(queue.get(), error);
        assert.throws(() => queue.getNowait(), error);
        await assert.rejects(queue.put(2), (refusal) => refusal instanceof QueueShutDown && refusal.cause === error);
      });
    });

    test("with an error throws that to those who wait", async () => {
      await run(async () => {
        const queue = make(0);
        const error = new Error("the source broke");
        const waiting = createTask(() => queue.get(), { eager: true });
        queue.shutdown({ error });
        await assert.rejects(async () => waiting, error);
      });
    });
  });
}
