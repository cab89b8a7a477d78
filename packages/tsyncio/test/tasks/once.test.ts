import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { createTask, isCancelled, moveOnAfter, once, sleep } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const listeners = (emitter: EventEmitter): number => emitter.listenerCount("ready") + emitter.listenerCount("error");

describe("once", () => {
  test("resolves to the arguments of an emitter's next event, and listens no longer", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      createTask(() => {
        emitter.emit("ready", 1, "two");
        emitter.emit("ready", 3);
      });
      assert.deepEqual(await once<[number, string]>(emitter, "ready"), [1, "two"]);
      assert.equal(listeners(emitter), 0);
    }));

  test("resolves to the event of an EventTarget, in an array", async () => {
    const controller = new AbortController();
    createTask(() => controller.abort());
    const [event] = await once(controller.signal, "abort");
    assert.equal(event.type, "abort");
    assert.equal(event.target, controller.signal);
  });

  test("rejects with an emitter's error, unless that is what it waits for", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const error = new Error("no");
      createTask(() => emitter.emit("error", error));
      await assert.rejects(once(emitter, "ready"), (thrown) => thrown === error);
      assert.equal(listeners(emitter), 0);
      createTask(() => emitter.emit("error", error));
      assert.deepEqual(await once(emitter, "error"), [error]);
      assert.equal(listeners(emitter), 0);
    }));

  test("that is cancelled removes its listeners at once", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const task = createTask(() => once(emitter, "ready"));
      await sleep(1);
      assert.equal(listeners(emitter), 2);
      task.cancel("enough");
      assert.equal(listeners(emitter), 0);
      await assert.rejects(task.then(), (error) => isCancelled(error) && error.reason === "enough");

      const target = new EventTarget();
      let added = 0;
      target.addEventListener = (...args) => {
        added += 1;
        EventTarget.prototype.addEventListener.apply(target, args);
      };
      target.removeEventListener = (...args) => {
        added -= 1;
        EventTarget.prototype.removeEventListener.apply(target, args);
      };
      assert.equal(await moveOnAfter(5, () => once(target, "ready"), "late"), "late");
      assert.equal(added, 0);
    }));

  test("takes an event that comes while its listener is added", async () => {
    const emitter = new EventEmitter();
    emitter.on("newListener", (name) => {
      if (name === "error") emitter.emit("ready", "already");
    });
    assert.deepEqual(await once(emitter, "ready"), ["already"]);
    assert.equal(listeners(emitter), 0);
  });

  test("refuses what is neither emitter nor target", async () => {
    await assert.rejects(once({} as never, "ready"), /once: expected an EventEmitter or an EventTarget, got an object/);
    await assert.rejects(once(undefined as never, "ready"), TypeError);
  });

  test("leaves no listener behind on one emitter, however many waits are cancelled", () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      for (let count = 0; count < 200; count += 1) await moveOnAfter(1, () => once(emitter, "ready"));
      assert.equal(listeners(emitter), 0);
    }));
});
