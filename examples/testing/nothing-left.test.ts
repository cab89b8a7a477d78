import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { createTask, once, sleep, sleepForever } from "tsyncio";
import { checkLeaks, LeakError, simulated, withLeakCheck } from "tsyncio/testing";

/** Keeps a value fresh while it is used. */
function cached(load: () => Promise<string>): AsyncDisposable & { value: string } {
  const cache = { value: "", [Symbol.asyncDispose]: () => refreshing.cancelAndWait() };
  const refreshing = createTask(async () => {
    for (;;) {
      cache.value = await load();
      await sleep("1m");
    }
  });
  return cache;
}

test(
  "a cache stops its refreshing",
  simulated(
    withLeakCheck(async () => {
      await using cache = cached(async () => "fresh");
      await sleep("1h");
      assert.equal(cache.value, "fresh");
    }),
  ),
);

test("in a block, and with an emitter that lives longer", async () => {
  const emitter = new EventEmitter();
  await using _check = checkLeaks({ emitters: [emitter] });
  setImmediate(() => emitter.emit("ready"));
  await once(emitter, "ready");
});

test("a leak has a name", async () => {
  const forgetful = checkLeaks(() => {
    createTask(() => sleepForever(), { name: "refreshing" });
  });
  await assert.rejects(forgetful, (error) => {
    assert.ok(error instanceof LeakError);
    assert.equal(error.leaks[0]?.what, "the task refreshing, which waits for sleepForever()");
    return true;
  });
});
