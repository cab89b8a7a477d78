import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  after,
  Broadcast,
  cancelScope,
  createTask,
  gather,
  getRunningLoop,
  isCancelled,
  moveOnAfter,
  QueueFull,
  QueueShutDown,
  select,
  sleep,
  type Subscription,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

async function readAll<T>(subscription: Subscription<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of subscription) items.push(item);
  return items;
}

describe("Broadcast", () => {
  test("gives every item to each subscriber, from its subscription on, in order", () =>
    simulate(async () => {
      const broadcast = new Broadcast<number>();
      const early = createTask(() => readAll(broadcast.subscribe()));
      await sleep(1);
      await broadcast.put(1);
      const late = broadcast.subscribe();
      await broadcast.put(2);
      broadcast.putNowait(3);
      broadcast.shutdown();
      assert.deepEqual(await early, [1, 2, 3]);
      assert.deepEqual(await readAll(late), [2, 3]);
    }));

  test("replays the latest items to a new subscriber, also after the shutdown", () =>
    simulate(async () => {
      const broadcast = new Broadcast<number>({ replay: 2 });
      for (const item of [1, 2, 3]) await broadcast.put(item);
      const first = broadcast.subscribe();
      await broadcast.put(4);
      broadcast.shutdown();
      assert.deepEqual(await readAll(first), [2, 3, 4]);
      assert.deepEqual(await readAll(broadcast.subscribe()), [3, 4]);
    }));

  test("by default waits for the slowest subscriber", () =>
    simulate(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const quick = createTask(() => readAll(broadcast.subscribe()));
      using slow = broadcast.subscribe();
      await sleep(0);
      await broadcast.put(1);
      const second = createTask(() => broadcast.put(2));
      await sleep(1);
      const third = createTask(() => broadcast.put(3));
      await sleep(9);
      assert.deepEqual(broadcast.statistics(), { subscribers: 2, putters: 2, shutDown: false });
      assert.throws(() => broadcast.putNowait(4), QueueFull);
      assert.equal(await slow.get(), 1);
      await second;
      assert.equal(third.done(), false);
      slow[Symbol.dispose]();
      await third;
      assert.equal(getRunningLoop().time(), 10);
      broadcast.shutdown();
      assert.deepEqual(await quick, [1, 2, 3]);
    }));

  test("drops the oldest or the newest for a slow subscriber alone, and counts them", () =>
    simulate(async () => {
      for (const [overflow, kept] of [
        ["drop-oldest", [3, 4]],
        ["drop-newest", [1, 2]],
      ] as const) {
        const broadcast = new Broadcast<number>({ capacity: 2, overflow });
        const quick = createTask(() => readAll(broadcast.subscribe()));
        const slow = broadcast.subscribe();
        for (const item of [1, 2, 3, 4]) {
          await sleep(1);
          await broadcast.put(item);
        }
        broadcast.shutdown();
        assert.equal(slow.dropped, 2);
        assert.deepEqual(await readAll(slow), kept);
        assert.deepEqual(await quick, [1, 2, 3, 4]);
      }
    }));

  test("sends a slow subscriber away when told so, after the items that it has", () =>
    simulate(async () => {
      const broadcast = new Broadcast<number>({ capacity: 2, overflow: "error" });
      const slow = broadcast.subscribe();
      for (const item of [1, 2, 3, 4]) await broadcast.put(item);
      assert.equal(broadcast.statistics().subscribers, 0);
      assert.deepEqual([await slow.get(), await slow.get()], [1, 2]);
      await assert.rejects(
        slow.get(),
        (error) => error instanceof QueueFull && /too slow: 2 items/.test(error.message),
      );
    }));

  test("that is shut down refuses items, and ends its readers with the error if there is one", () =>
    simulate(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const reader = broadcast.subscribe();
      await broadcast.put(1);
      const waiting = createTask(() => broadcast.put(2));
      await sleep(1);
      broadcast.shutdown({ error: new Error("source failed") });
      await assert.rejects(waiting.then(), QueueShutDown);
      await assert.rejects(broadcast.put(3), (error) => error instanceof QueueShutDown && error.cause instanceof Error);
      assert.throws(() => broadcast.putNowait(3), QueueShutDown);
      assert.equal(await reader.get(), 1);
      await assert.rejects(readAll(reader), /source failed/);
    }));

  test("loses a subscriber whose scope is cancelled at once, and those who waited for it go on", () =>
    simulate(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      let subscription!: Subscription<number>;
      await cancelScope(async (scope) => {
        subscription = broadcast.subscribe();
        await broadcast.put(1);
        const waiting = createTask(() => broadcast.put(2));
        await sleep(1);
        scope.cancel("enough");
        assert.equal(broadcast.statistics().subscribers, 0);
        return waiting;
      });
      await sleep(1);
      assert.equal(broadcast.statistics().putters, 0);
      await assert.rejects(subscription.get(), (error) => isCancelled(error) && error.reason === "enough");
    }));

  test("gives an item of a cancelled put to nobody, and loses none to a cancelled read", () =>
    simulate(async () => {
      const broadcast = new Broadcast<string>({ capacity: 1 });
      using reader = broadcast.subscribe();
      assert.equal(await moveOnAfter(5, () => reader.get(), "gave up"), "gave up");
      await broadcast.put("first");
      await moveOnAfter(5, () => broadcast.put("cancelled"));
      const choice = await select({ item: reader, late: after(5) });
      assert.deepEqual(choice, { key: "item", value: "first" });
      assert.equal((await select({ item: reader, late: after(5) })).key, "late");
    }));

  test("refuses promises and tasks, also when nobody has subscribed, and options out of range", async () => {
    const broadcast = new Broadcast<unknown>();
    await assert.rejects(broadcast.put(Promise.resolve()), /put: the item is a promise.*\{ promise \}/);
    const task = createTask(() => {});
    assert.throws(() => broadcast.putNowait(task), /wrap it, as in \{ task \}/);
    assert.throws(() => new Broadcast({ capacity: 0 }), RangeError);
    assert.throws(
      () => new Broadcast({ capacity: 2, replay: 3 }),
      /replay: expected a whole number from 0 to 2, got 3/,
    );
    assert.throws(
      () => new Broadcast({ overflow: "block" as never }),
      /wait, drop-oldest, drop-newest, error, got "block"/,
    );
  });

  test("shows all subscribers the same items in the same order, in all interleavings with cancellations", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ pause: fc.nat({ max: 2 }), patience: fc.nat({ max: 4 }) }), { maxLength: 10 }),
        fc.array(fc.array(fc.nat({ max: 3 }), { maxLength: 6 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        (puts, readers, capacity, seed) =>
          simulate(
            async () => {
              const broadcast = new Broadcast<number>({ capacity });
              const accepted: number[] = [];
              const subscriptions = readers.map(() => broadcast.subscribe());
              const seen = readers.map((): number[] => []);
              const read = (index: number, patiences: readonly number[]) => async (): Promise<void> => {
                const subscription = subscriptions[index] as Subscription<number>;
                const take = async (): Promise<boolean> => {
                  const { value } = await subscription.next();
                  if (value !== undefined) seen[index]?.push(value);
                  return value !== undefined;
                };
                for (const patience of patiences) await moveOnAfter(patience, take);
                while (await take());
              };
              const put =
                ({ pause, patience }: (typeof puts)[number], item: number) =>
                async (): Promise<void> => {
                  await sleep(pause);
                  await moveOnAfter(patience, async () => {
                    await broadcast.put(item);
                    accepted.push(item);
                  });
                };
              const putAll = async (): Promise<void> => {
                await gather(puts.map((each, item) => put(each, item)));
                assert.equal(broadcast.statistics().putters, 0);
                broadcast.shutdown();
              };
              await gather([putAll, ...readers.map((patiences, index) => read(index, patiences))]);
              const [first = accepted] = seen;
              for (const items of seen) assert.deepEqual(items, first);
              // A put may be served just as its patience ends: then it is in, and its caller goes on to the next wait.
              assert.deepEqual(new Set(first), new Set(accepted));
            },
            { seed },
          ),
      ),
      { numRuns: 200 },
    ));
});
