import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  CancelledError,
  cancelScope,
  createTask,
  Future,
  InvalidStateError,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  run,
  type Task,
} from "tsyncio";
import { turn } from "../sync/turn.ts";

function getter<T>(queue: Queue<T>): Task<T> {
  return createTask(() => queue.get(), { eager: true });
}

function putter<T>(queue: Queue<T>, item: T): Task<void> {
  return createTask(() => queue.put(item), { eager: true });
}

function drain<T>(queue: Queue<T>): T[] {
  return Array.from({ length: queue.qsize() }, () => queue.getNowait());
}

describe("a queue", () => {
  test("counts its items, and is empty or full accordingly [test_queues: test_empty, test_full]", () => {
    const queue = new Queue<number>(2);
    assert.deepEqual([queue.qsize(), queue.empty(), queue.full()], [0, true, false]);
    queue.putNowait(1);
    assert.deepEqual([queue.qsize(), queue.empty(), queue.full()], [1, false, false]);
    queue.putNowait(2);
    assert.deepEqual([queue.qsize(), queue.empty(), queue.full()], [2, false, true]);
  });

  test("has no limit with a maxsize of 0 [test_queues: test_blocking_put]", async () => {
    for (const queue of [new Queue<number>(), new Queue<number>(0), new Queue<number>(Number.POSITIVE_INFINITY)]) {
      for (let item = 0; item < 1000; item += 1) await queue.put(item);
      assert.equal(queue.full(), false);
      assert.deepEqual(
        drain(queue),
        Array.from({ length: 1000 }, (_, index) => index),
      );
    }
  });

  test("refuses a maxsize that is fractional, negative or NaN [test_queues: test_float_maxsize]", () => {
    for (const maxsize of [1.3, -1, Number.NaN]) {
      assert.throws(() => new Queue(maxsize), RangeError);
      assert.throws(() => new LifoQueue({ maxsize }), RangeError);
    }
    assert.equal(new Queue({ maxsize: 3 }).maxsize, 3);
  });

  test("gives its items in the order in which they were put [test_queues: test_order]", () => {
    const queue = new Queue<number>();
    for (const item of [1, 3, 2]) queue.putNowait(item);
    assert.deepEqual(drain(queue), [1, 3, 2]);
  });

  test("keeps the order while it grows, shrinks and goes round", () => {
    const queue = new Queue<number>();
    let put = 0;
    let got = 0;
    for (const [puts, gets] of [
      [10, 5],
      [100, 20],
      [1000, 1080],
      [3, 8],
      [5000, 5000],
    ] as const) {
      for (let count = 0; count < puts; count += 1) queue.putNowait((put += 1));
      for (let count = 0; count < gets; count += 1) assert.equal(queue.getNowait(), (got += 1));
    }
    assert.equal(queue.empty(), true);
  });

  test("throws instead of waiting in getNowait and putNowait [test_queues: test_nonblocking_get, test_nonblocking_put, test_nonblocking_get_exception, test_nonblocking_put_exception]", () => {
    const queue = new Queue<number>(1);
    assert.throws(() => queue.getNowait(), QueueEmpty);
    queue.putNowait(1);
    assert.throws(() => queue.putNowait(2), QueueFull);
    assert.equal(queue.getNowait(), 1);
  });

  test("makes get wait for an item [test_queues: test_blocking_get_wait, test_blocking_get]", async () => {
    await run(async () => {
      const queue = new Queue<string>();
      const waiting = getter(queue);
      await turn();
      assert.equal(waiting.done(), false);
      queue.putNowait("item");
      assert.equal(await waiting, "item");
    });
  });

  test("makes put wait for room [test_queues: test_blocking_put_wait, test_maxsize]", async () => {
    await run(async () => {
      const queue = new Queue<number>(1);
      await queue.put(1);
      const waiting = putter(queue, 2);
      await turn();
      assert.equal(waiting.done(), false);
      assert.equal(await queue.get(), 1);
      await waiting;
      assert.equal(await queue.get(), 2);
    });
  });

  test("hands an item to the getter that has waited longest, and nobody can snatch it [test_queues: test_put_with_waiting_getters]", async () => {
    await run(async () => {
      const queue = new Queue<number>();
      const getters = [getter(queue), getter(queue)] as const;
      queue.putNowait(1);
      assert.throws(() => queue.getNowait(), QueueEmpty);
      queue.putNowait(2);
      assert.deepEqual([await getters[0], await getters[1]], [1, 2]);
    });
  });

  test("lets those who wait to put in when room is made, in their order [test_queues: test_get_with_putters, test_get_with_waiting_putters]", async () => {
    await run(async () => {
      const queue = new Queue<string>(1);
      queue.putNowait("a");
      putter(queue, "b");
      putter(queue, "c");
      assert.equal(queue.statistics().putters, 2);
      assert.equal(await queue.get(), "a");
      assert.deepEqual([queue.full(), queue.statistics().putters], [true, 1]);
      assert.throws(() => queue.putNowait("d"), QueueFull);
      assert.equal(await queue.get(), "b");
      assert.equal(await queue.get(), "c");
    });
  });

  test("does not deadlock a producer and a consumer on a queue of one [test_queues: test_why_are_getters_waiting, test_why_are_putters_waiting]", async () => {
    await run(async () => {
      const queue = new Queue<number>(1);
      const producer = createTask(async () => {
        for (let item = 0; item < 5; item += 1) await queue.put(item);
      });
      const putters = [5, 6, 7].map((item) => createTask(() => queue.put(item)));
      const got: number[] = [];
      while (got.length < 8) got.push(await queue.get());
      for (const task of [producer, ...putters]) await task;
      assert.deepEqual(
        got.toSorted((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6, 7],
      );
    });
  });

  test("forgets getters and putters that are cancelled [test_queues: test_cancelled_getters_not_being_held_in_self_getters, test_cancelled_puts_not_being_held_in_self_putters]", async () => {
    await run(async () => {
      const queue = new Queue<number>(1);
      await cancelScope(async (scope) => {
        const waiting = Array.from({ length: 100 }, () => queue.get());
        scope.cancel();
        for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, "rejected");
      });
      queue.putNowait(0);
      await cancelScope(async (scope) => {
        const waiting = Array.from({ length: 100 }, (_, index) => queue.put(index));
        scope.cancel();
        for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, "rejected");
      });
      const { getters, putters, size } = queue.statistics();
      assert.deepEqual({ getters, putters, size }, { getters: 0, putters: 0, size: 1 });
    });
  });

  test("takes and puts nothing in a scope that is cancelled already", async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(queue.get(), CancelledError);
      await assert.rejects(queue.put(2), CancelledError);
      await assert.rejects(queue.join(), CancelledError);
    });
    assert.deepEqual(drain(queue), [1]);
  });

  test("refuses a bare task, future or promise, which would arrive as its result", async () => {
    await run(async () => {
      const queue = new Queue<unknown>(1);
      const task = createTask(() => 1);
      for (const item of [task, new Future(), Promise.resolve(1)]) {
        await assert.rejects(queue.put(item), TypeError);
        assert.throws(() => queue.putNowait(item), TypeError);
        assert.throws(() => queue.putting(item), TypeError);
      }
      await queue.put({ task });
      await assert.rejects(queue.put(task), /wrap it, as in \{ task \}/, "also when the queue is full");
      assert.deepEqual(await queue.get(), { task });
      assert.equal(queue.statistics().unfinished, 1);
    });
  });

  test("hands 100,000 items to as many waiting getters in linear time", async () => {
    await run(async () => {
      const queue = new Queue<number>();
      const waiting = Array.from({ length: 100_000 }, () => queue.get());
      for (let item = 0; item < waiting.length; item += 1) queue.putNowait(item);
      const items = await Promise.all(waiting);
      assert.ok(items.every((item, index) => item === index));
    });
  });

  test("shows its state when it is printed [test_queues: test_format, test_repr, test_str]", async () => {
    await run(async () => {
      const queue = new Queue<number>(1);
      assert.equal(inspect(queue), "<Queue size: 0, maxsize: 1>");
      queue.putNowait(1);
      putter(queue, 2);
      assert.equal(inspect(queue), "<Queue size: 1, maxsize: 1, putters: 1, unfinished: 1>");
      drain(queue);
      drain(queue);
      getter(queue).catch(() => {});
      assert.equal(inspect(queue), "<Queue size: 0, maxsize: 1, getters: 1, unfinished: 2>");
      queue.shutdown();
      assert.equal(inspect(queue), "<Queue size: 0, maxsize: 1, unfinished: 2, shut down>");
    });
  });
});

for (const make of [() => new Queue<number>(), () => new LifoQueue<number>(), () => new PriorityQueue<number>()]) {
  describe(`join and taskDone of a ${make().constructor.name}`, () => {
    test("refuse more marks than items [test_queues: test_task_done_underflow]", () => {
      assert.throws(() => make().taskDone(), InvalidStateError);
    });

    test("wait until every item is marked done [test_queues: test_task_done]", async () => {
      await run(async () => {
        const queue = make();
        for (let item = 0; item < 100; item += 1) queue.putNowait(item);
        const joined = createTask(() => queue.join(), { eager: true });
        const worker = async (): Promise<void> => {
          for await (const _item of queue) {
            assert.equal(joined.done(), false);
            await turn();
            queue.taskDone();
          }
        };
        const workers = [createTask(worker), createTask(worker)];
        await joined;
        assert.equal(queue.statistics().unfinished, 0);
        queue.shutdown();
        for (const each of workers) await each;
      });
    });

    test("count an item that went straight to a getter", async () => {
      await run(async () => {
        const queue = make();
        const waiting = getter(queue);
        queue.putNowait(1);
        await waiting;
        const joined = createTask(() => queue.join(), { eager: true });
        await turn();
        assert.equal(joined.done(), false);
        queue.taskDone();
        await joined;
      });
    });

    test("do not wait on an empty queue [test_queues: test_join_empty_queue]", async () => {
      const queue = make();
      await queue.join();
      await queue.join();
    });
  });
}
