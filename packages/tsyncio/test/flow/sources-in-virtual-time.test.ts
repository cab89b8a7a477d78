import assert from "node:assert/strict";
import { test } from "node:test";
import { map, moveOnAfter, shield, sleep } from "tsyncio";
import { simulate } from "tsyncio/testing";
import { CancellableIterator } from "../../src/tasks/cancellable-iterator.ts";

async function* sleepy(items: number): AsyncGenerator<number> {
  for (let item = 0; item < items; item += 1) {
    await sleep(10);
    yield item;
  }
}

test("a generator that sleeps between its items is read in virtual time", async () => {
  assert.deepEqual(await simulate(() => map(sleepy(3), (item) => item * 2)), [0, 2, 4]);
});

test("an item that arrives after its reader was cancelled goes to the next reader", async () => {
  await simulate(async () => {
    let made = 0;
    const next = async (): Promise<IteratorResult<number>> => {
      await shield(() => sleep(10));
      return { done: false, value: made++ };
    };
    const iterator = new CancellableIterator<number>({ [Symbol.asyncIterator]: () => ({ next }) }, "test");
    assert.equal(await moveOnAfter(5, () => iterator.next()), undefined);
    await sleep(20);
    assert.deepEqual(await iterator.next(), { done: false, value: 0 });
    assert.deepEqual(await iterator.next(), { done: false, value: 1 });
  });
});
