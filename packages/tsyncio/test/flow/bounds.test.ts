import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sleep } from "tsyncio";
import { flow } from "tsyncio/flow";
import { simulate, waitAllTasksBlocked } from "tsyncio/testing";
import { currentScope } from "../../src/kernel/context.ts";

const now = (): number => currentScope().loop.time();
const sizes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 });

test("a buffer holds no more bytes than its bound, or one item that is larger, and one more in hand", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 12 }), fc.integer(), async (sizes, bytes, seed) => {
      await simulate(
        async () => {
          const held: number[] = [];
          const source = function* (): Generator<number> {
            for (const size of sizes) {
              held.push(size);
              yield size;
            }
          };
          const built = flow(source()).buffer({ bytes, measure: (size) => size });
          const reader = built[Symbol.asyncIterator]();
          const seen: number[] = [];
          for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
            seen.push(next.value);
            await waitAllTasksBlocked();
            const inside = held.slice(seen.length, -1).reduce((sum, size) => sum + size, 0);
            const largest = Math.max(0, ...held.slice(seen.length, -1));
            assert.ok(inside <= Math.max(bytes, largest), `${inside} bytes for ${bytes}`);
          }
          assert.deepEqual(seen, sizes);
        },
        { seed },
      );
    }),
    { numRuns: 100 },
  );
});

test("a buffer reads ahead as far as its items allow, while its reader is busy", async () => {
  await simulate(async () => {
    let read = 0;
    const source = function* (): Generator<number> {
      for (;;) yield (read += 1);
    };
    const reader = flow(source()).buffer({ items: 5 })[Symbol.asyncIterator]();
    await reader.next();
    await waitAllTasksBlocked();
    assert.equal(read, 6);
    await reader.return();
  });
});

test("a buffer measures strings and binary data by itself, and asks for a measure of anything else", async () => {
  assert.deepEqual(await flow(["é", "x"]).buffer({ bytes: 1 }).collect(), ["é", "x"]);
  assert.equal(
    (
      await flow([new Uint8Array(4)])
        .buffer({ bytes: 9 })
        .collect()
    ).length,
    1,
  );
  await assert.rejects(flow([{}]).buffer({ bytes: 9 }).collect(), { name: "TypeError", message: /give "measure"/ });
});

test("batches keep their bounds, and are as full as these allow", async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 15 }),
      async (sizes, items, size) => {
        const batches = await flow(sizes)
          .batch({ items, size, measure: (size) => size })
          .collect();
        assert.deepEqual(batches.flat(), sizes);
        const total = (batch: readonly number[]): number => batch.reduce((sum, size) => sum + size, 0);
        for (const [index, batch] of batches.entries()) {
          assert.ok(batch.length >= 1 && batch.length <= items);
          assert.ok(batch.length === 1 || total(batch) <= size);
          const [following] = batches[index + 1] ?? [];
          if (following === undefined) continue;
          assert.ok(batch.length === items || total(batch) + following > size || total(batch) >= size);
        }
      },
    ),
  );
});

test("a batch that is not full goes on after maxWait, counted from its first item", async () => {
  await simulate(async () => {
    async function* source(): AsyncGenerator<number> {
      for (const [item, pause] of [3, 4, 100, 50, 1].entries()) {
        await sleep(pause);
        yield item;
      }
    }
    const batches: [number, number[]][] = [];
    await flow(source())
      .batch({ items: 10, maxWait: 20 })
      .forEach((batch) => void batches.push([now(), batch]));
    assert.deepEqual(batches, [
      [23, [0, 1]],
      [127, [2]],
      [158, [3, 4]],
    ]);
  });
});

test("a batch that cannot go on yet goes on growing", async () => {
  await simulate(async () => {
    async function* source(): AsyncGenerator<number> {
      for (let item = 0; item < 12; item += 1) {
        await sleep(1);
        yield item;
      }
    }
    const lengths: number[] = [];
    const slow = async (batch: number[]): Promise<void> => {
      lengths.push(batch.length);
      await sleep(5);
    };
    await flow(source()).batch({ maxWait: 1 }).forEach(slow);
    assert.equal(
      lengths.reduce((sum, length) => sum + length),
      12,
    );
    assert.ok(lengths.length <= 4, `${lengths.length} batches`);
  });
});

test("a flow over ten times as many items holds no more of them", async () => {
  const most = async (count: number): Promise<number> =>
    simulate(async () => {
      let alive = 0;
      let most = 0;
      const source = function* (): Generator<object> {
        for (let index = 0; index < count; index += 1) {
          most = Math.max(most, (alive += 1));
          yield {};
        }
      };
      await flow(source())
        .map((item) => sleep(1, item), { limit: 3 })
        .buffer({ items: 4 })
        .batch({ items: 2 })
        .forEach(async (batch) => {
          await sleep(5);
          alive -= batch.length;
        });
      return most;
    });
  const few = await most(100);
  assert.ok(few <= 2 * 3 + 4 + 1 + 2 * 2 + 1 + 2 * 2, `${few} items`);
  assert.equal(await most(1_000), few);
});
