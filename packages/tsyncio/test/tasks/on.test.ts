import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { cancelScope, createTask, gather, isCancelled, moveOnAfter, on, QueueFull, sleep } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const listeners = (emitter: EventEmitter): number => emitter.listenerCount("data") + emitter.listenerCount("error");

describe("on", () => {
  test("yields the arguments of each event, also of those that come while the body is busy", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      createTask(async () => {
        for (let count = 1; count <= 5; count += 1) {
          emitter.emit("data", count, "more");
          await sleep(1);
        }
      });
      const got: number[] = [];
      for await (const [count, more] of on<[number, string]>(emitter, "data")) {
        assert.equal(more, "more");
        got.push(count);
        if (count === 5) break;
        await sleep(3);
      }
      assert.deepEqual(got, [1, 2, 3, 4, 5]);
      assert.equal(listeners(emitter), 0, "the loop was left");
    }));

  test("yields the events of an EventTarget", () =>
    simulate(async () => {
      const target = new EventTarget();
      using events = on(target, "tick");
      target.dispatchEvent(new Event("tick"));
      const { value } = await events.next();
      assert.equal(value?.[0].type, "tick");
    }));

  test("listens from the call on", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      using events = on(emitter, "data");
      emitter.emit("data", "before the first next()");
      assert.deepEqual(await events.next(), { done: false, value: ["before the first next()"] });
    }));

  test("ends with an emitter's error, after the events that came before it", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const events = on(emitter, "data");
      emitter.emit("data", 1);
      emitter.emit("error", new Error("no"));
      assert.equal(listeners(emitter), 0);
      assert.deepEqual(await events.next(), { done: false, value: [1] });
      await assert.rejects(events.next(), /no/);
      assert.deepEqual(await events.next(), { done: true, value: undefined });

      const waiting = on(emitter, "data");
      createTask(() => emitter.emit("error", new Error("while it waits")));
      await assert.rejects(waiting.next(), /while it waits/);
      assert.deepEqual(await waiting.next(), { done: true, value: undefined });
    }));

  test("ends with QueueFull when more come than are kept, and listens no longer", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const events = on(emitter, "data", { capacity: 2 });
      for (const count of [1, 2, 3]) emitter.emit("data", count);
      assert.equal(listeners(emitter), 0);
      assert.deepEqual(
        [await events.next(), await events.next()].map(({ value }) => value),
        [[1], [2]],
      );
      await assert.rejects(events.next(), (error) => {
        assert.ok(error instanceof QueueFull);
        assert.match(error.message, /on: 2 of the events data wait to be read: read faster, raise the capacity/);
        return true;
      });
      assert.equal((await events.next()).done, true);
    }));

  test("drops the oldest or the newest when told so, and counts them", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      using latest = on<[number]>(emitter, "data", { capacity: 2, overflow: "drop-oldest" });
      using earliest = on<[number]>(emitter, "data", { capacity: 2, overflow: "drop-newest" });
      for (let count = 1; count <= 10; count += 1) emitter.emit("data", count);
      const two = async (events: typeof latest): Promise<unknown[]> => [
        (await events.next()).value?.[0],
        (await events.next()).value?.[0],
        events.dropped,
      ];
      assert.deepEqual(await two(latest), [9, 10, 8]);
      assert.deepEqual(await two(earliest), [1, 2, 8]);
    }));

  test("removes its listeners at once when the scope of its call is cancelled, and rejects with that", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const reader = createTask(async () => {
        for await (const _args of on(emitter, "data"));
      });
      await sleep(1);
      assert.equal(listeners(emitter), 2);
      reader.cancel("enough");
      assert.equal(listeners(emitter), 0);
      await assert.rejects(reader.then(), (error) => isCancelled(error) && error.reason === "enough");

      let elsewhere!: ReturnType<typeof on>;
      await cancelScope(async (scope) => {
        elsewhere = on(emitter, "data");
        scope.cancel("its home is gone");
      });
      assert.equal(listeners(emitter), 0);
      await assert.rejects(elsewhere.next(), (error) => isCancelled(error) && error.reason === "its home is gone");
      assert.equal((await elsewhere.next()).done, true);
    }));

  test("goes on listening when a narrower scope cancels next(), until it is disposed of", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      {
        using events = on(emitter, "data");
        assert.equal(await moveOnAfter(5, () => events.next(), "gave up"), "gave up");
        emitter.emit("data", "kept");
        assert.deepEqual(await events.next(), { done: false, value: ["kept"] });
      }
      assert.equal(listeners(emitter), 0);
    }));

  test("that is left while next() waits ends it", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const events = on(emitter, "data");
      const waiting = createTask(() => events.next());
      await sleep(1);
      await events.return?.();
      assert.deepEqual(await waiting, { done: true, value: undefined });
      assert.equal(listeners(emitter), 0);
    }));

  test("refuses what is neither emitter nor target, a capacity of none, and an unknown policy", () => {
    const emitter = new EventEmitter();
    assert.throws(() => on({} as never, "data"), /on: expected an EventEmitter or an EventTarget, got an object/);
    assert.throws(() => on(emitter, "data", { capacity: 0 }), /on: capacity: expected a whole number from 1 on/);
    assert.throws(
      () => on(emitter, "data", { overflow: "block" as never }),
      /error, drop-oldest, drop-newest, got "block"/,
    );
    assert.equal(listeners(emitter), 0);
  });

  test("gives each event to one reader, in order, in all interleavings with cancelled readers", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 2 }), { maxLength: 12 }),
        fc.array(fc.record({ pause: fc.nat({ max: 4 }), patience: fc.nat({ max: 4 }) }), { maxLength: 8 }),
        fc.nat(),
        (pauses, reads, seed) =>
          simulate(
            async () => {
              const emitter = new EventEmitter();
              using events = on<[number]>(emitter, "data");
              const got: number[] = [];
              const read = async (): Promise<void> => {
                const { value } = await events.next();
                if (value !== undefined) got.push(value[0]);
              };
              const emitAll = async (): Promise<void> => {
                for (const [index, pause] of pauses.entries()) {
                  await sleep(pause);
                  emitter.emit("data", index);
                }
              };
              const readers = reads.map(({ pause, patience }) => async () => {
                await sleep(pause);
                await moveOnAfter(patience, read);
              });
              await gather([emitAll, ...readers]);
              while (got.length < pauses.length) await read();
              const all = pauses.map((_, index) => index);
              assert.deepEqual(
                got.toSorted((a, b) => a - b),
                all,
                "none is lost, none comes twice",
              );
            },
            { seed },
          ),
      ),
      { numRuns: 200 },
    ));
});
