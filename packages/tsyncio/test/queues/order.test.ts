import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { createTask, type ItemStore, LifoQueue, PriorityQueue, Queue, run } from "tsyncio";

function drain<T>(queue: Queue<T>): T[] {
  return Array.from({ length: queue.qsize() }, () => queue.getNowait());
}

function filled<T>(queue: Queue<T>, items: readonly T[]): Queue<T> {
  for (const item of items) queue.putNowait(item);
  return queue;
}

describe("a LIFO queue", () => {
  test("gives the newest item first [test_queues: test_order]", () => {
    assert.deepEqual(drain(filled(new LifoQueue<number>(), [1, 3, 2])), [2, 3, 1]);
  });

  test("puts the item of a waiting putter on top", async () => {
    await run(async () => {
      const queue = filled(new LifoQueue<number>(2), [1, 2]);
      const waiting = createTask(() => queue.put(3), { eager: true });
      assert.equal(await queue.get(), 2);
      await waiting;
      assert.deepEqual(drain(queue), [3, 1]);
    });
  });
});

describe("a priority queue", () => {
  test("gives the smallest item first [test_queues: test_order]", () => {
    assert.deepEqual(drain(filled(new PriorityQueue<number>(), [1, 3, 2])), [1, 2, 3]);
  });

  test("orders numbers as numbers, also with bigints, and in tuples", () => {
    assert.deepEqual(drain(filled(new PriorityQueue<number | bigint>(), [10, 9n, 1e3])), [9n, 10, 1e3]);
    const jobs = new PriorityQueue<[number, string]>();
    assert.deepEqual(
      drain(
        filled(jobs, [
          [10, "a"],
          [9, "b"],
          [9, "a"],
        ]),
      ).map(([, name]) => name),
      ["b", "a", "a"],
    );
  });

  test("orders strings and dates", () => {
    assert.deepEqual(drain(filled(new PriorityQueue<string>(), ["b", "a"])), ["a", "b"]);
    const [early, late] = [new Date(1), new Date(2)];
    assert.deepEqual(drain(filled(new PriorityQueue<Date>(), [late, early])), [early, late]);
  });

  test("refuses what has no place in the order, and is unharmed", async () => {
    const queue = filled(new PriorityQueue<unknown>(), [2]);
    for (const wrong of [{}, null, undefined, Number.NaN, "text", [], [{}], new Date(Number.NaN), new Date()]) {
      assert.throws(() => queue.putNowait(wrong), TypeError);
      await assert.rejects(queue.put(wrong), TypeError);
    }
    assert.deepEqual(drain(queue), [2]);
    const broken = new PriorityQueue<{ rank?: number }>({ compare: (a, b) => (a.rank as number) - (b.rank as number) });
    assert.throws(() => broken.putNowait({}), TypeError);
    assert.throws(() => new PriorityQueue({ compare: 1 as never }), TypeError);
  });

  test("is unharmed by a comparator that throws", () => {
    const queue = new PriorityQueue<number>({
      compare: (a, b) => {
        if (a !== b && a + b === 13) throw new Error("unlucky");
        return a - b;
      },
    });
    filled(queue, [6, 8, 9]);
    assert.throws(() => queue.putNowait(7), /unlucky/);
    assert.deepEqual(drain(queue), [6, 8, 9]);
  });

  test("gives any items in order, and equals in the order of their coming, whatever is put and got between", () => {
    const operation = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (script) => {
        const queue = new PriorityQueue<{ rank: number; arrival: number }>({ compare: (a, b) => a.rank - b.rank });
        const model: { rank: number; arrival: number }[] = [];
        for (const [arrival, rank] of script.entries()) {
          if (rank !== null) {
            queue.putNowait({ rank, arrival });
            model.push({ rank, arrival });
            model.sort((a, b) => a.rank - b.rank || a.arrival - b.arrival);
          } else if (model.length > 0) assert.deepEqual(queue.getNowait(), model.shift());
        }
        assert.deepEqual(drain(queue), model);
      }),
    );
  });
});

describe("a queue with a store of its user's", () => {
  test("does not count an item that the store refuses", async () => {
    const full: ItemStore<string> = {
      size: 0,
      push: () => {
        throw new Error("no space left");
      },
      pop: () => "",
      clear: () => {},
    };
    const queue = new Queue(0, full);
    assert.throws(() => queue.putNowait("a"), /no space left/);
    await queue.join();
  });

  test("gives its items in the order of that store", () => {
    const items: string[] = [];
    const longestFirst: ItemStore<string> = {
      get size() {
        return items.length;
      },
      push: (item) => {
        items.push(item);
        items.sort((a, b) => a.length - b.length);
      },
      pop: () => items.pop() as string,
      clear: () => {
        items.length = 0;
      },
    };
    assert.deepEqual(drain(filled(new Queue(0, longestFirst), ["a", "ccc", "bb"])), ["ccc", "bb", "a"]);
  });
});
