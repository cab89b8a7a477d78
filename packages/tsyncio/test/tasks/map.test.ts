import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { cancelScope, currentTask, isCancelled, map, shield, sleep, sleepForever, timeout } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

/** A source that writes down what is asked of it. */
function traced(count: number, log: unknown[], wait?: () => Promise<unknown>): AsyncGenerator<number> {
  return (async function* numbers() {
    try {
      for (let index = 0; index < count; index += 1) {
        await wait?.();
        log.push(index);
        yield index;
      }
    } finally {
      log.push("left");
    }
  })();
}

describe("map", () => {
  test("gives the results in the order of the items, or of completion", () =>
    simulate(async () => {
      const delays = [30, 10, 20];
      assert.deepEqual(await map(delays, (delay) => sleep(delay, delay)), delays);
      assert.deepEqual(await map(delays, (delay) => sleep(delay, delay), { ordered: false }), [10, 20, 30]);
    }));

  test("takes iterables and async iterables, and gives each call its index", async () => {
    assert.deepEqual(await map(new Set(["a", "b"]), (item, index) => item + index), ["a0", "b1"]);
    assert.deepEqual(await map(traced(3, []), async (item, index) => item * 10 + index), [0, 11, 22]);
    assert.deepEqual(await map([], () => assert.fail("never called")), []);
  });

  test("never runs more than its limit, whatever the delays and the seed", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        fc.nat(),
        (delays, limit, ordered, seed) =>
          simulate(
            async () => {
              let running = 0;
              const results = await map(
                delays,
                async (delay) => {
                  running += 1;
                  assert.ok(running <= limit);
                  await sleep(delay);
                  running -= 1;
                  return delay;
                },
                { limit, ordered },
              );
              const sorted = (values: number[]): number[] => (ordered ? values : values.toSorted((a, b) => a - b));
              assert.deepEqual(sorted(results), sorted(delays));
            },
            { seed },
          ),
      ),
      { numRuns: 40 },
    ));

  test("takes the next item only when there is room for it", () =>
    simulate(async () => {
      const log: unknown[] = [];
      await map(
        traced(4, log),
        async (item) => {
          await sleep(10);
          log.push(`done ${item}`);
        },
        { limit: 1 },
      );
      assert.deepEqual(log, [0, "done 0", 1, "done 1", 2, "done 2", 3, "done 3", "left"]);
    }));

  test("cancels the other calls, leaves the source and awaits all when a call fails", () =>
    simulate(async () => {
      const log: unknown[] = [];
      const failing = map(
        traced(100, log),
        async (item) => {
          if (item === 1) throw new Error("second item");
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep("1s"));
            log.push("unwound");
          }
        },
        { limit: 2 },
      );
      await assert.rejects(failing, /second item/);
      assert.deepEqual(log, [0, 1, "left", "unwound"]);
    }));

  test("leaves a synchronous source too", async () => {
    const log: unknown[] = [];
    function* endless(): Generator<number> {
      try {
        for (;;) yield 1;
      } finally {
        log.push("left");
      }
    }
    const failing = map(endless(), () => Promise.reject(new Error("no")), { limit: 1 });
    await assert.rejects(failing, /no/);
    assert.deepEqual(log, ["left"]);
  });

  test("leaves the source at once while its next() is pending on something foreign", async () => {
    let returned = false;
    let calls = 0;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          calls += 1;
          return calls === 1 ? Promise.resolve({ done: false, value: 1 }) : new Promise(() => {});
        },
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const failing = map(source, async () => {
      await sleep(0);
      throw new Error("no");
    });
    await assert.rejects(failing, /no/);
    assert.equal(returned, true);
  });

  test("cuts the source at once while its next() is pending on a wait of tsyncio", () =>
    simulate(async () => {
      const log: unknown[] = [];
      const slow = timeout("1s", () =>
        map(
          traced(1, log, () => sleep("1h")),
          () => 1,
        ),
      );
      await assert.rejects(slow, /timeout\(1s\) expired/);
      assert.deepEqual(log, ["left"]);
    }));

  test("throws the source's error, after the calls under way were cancelled and awaited", async () => {
    const log: unknown[] = [];
    async function* faulty(): AsyncGenerator<number> {
      yield 1;
      await sleep(1);
      throw new Error("source");
    }
    const failing = map(faulty(), async () => {
      await sleepForever().catch((error: unknown) => {
        log.push(isCancelled(error));
        throw error;
      });
    });
    await assert.rejects(failing, /source/);
    assert.deepEqual(log, [true]);
  });

  test("is cancelled with its caller, source and calls with it", async () => {
    const log: unknown[] = [];
    await cancelScope(async (scope) => {
      const mapping = map(traced(5, log), () => sleepForever(), { limit: 2 });
      await new Promise((resolve) => setImmediate(resolve));
      scope.cancel();
      await assert.rejects(mapping, isCancelled);
      throw await mapping.catch((error: unknown) => error);
    });
    assert.deepEqual(log, [0, 1, "left"]);
  });

  test("does not leave a source that failed by itself", async () => {
    const source = {
      next: () => Promise.reject(new Error("broken")),
      return: () => assert.fail("it has ended"),
    };
    await assert.rejects(
      map({ [Symbol.asyncIterator]: () => source }, () => 1),
      (error) => error instanceof Error && error.message === "broken" && !("suppressed" in error),
    );
  });

  test("throws the cancellation of a call that cancelled itself", async () => {
    const mapping = map([1, 2], async (item) => {
      if (item === 1) currentTask()?.cancel("I give up");
      await sleep(0);
    });
    await assert.rejects(mapping, (error) => isCancelled(error) && error.reason === "I give up");
  });

  test("refuses what is not iterable, or not a function", async () => {
    await assert.rejects(
      map(5 as never, () => 1),
      /map: expected an iterable, an async iterable or a stream, got 5/,
    );
    await assert.rejects(map([], 5 as never), /map: expected a function, got 5/);
    await assert.rejects(
      map([], () => 1, { limit: 1.5 }),
      RangeError,
    );
  });
});
