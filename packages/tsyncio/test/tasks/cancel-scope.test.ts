import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cancelScope,
  CancelledError,
  coroutine,
  createTask,
  Future,
  moveOnAfter,
  sleep,
  sleepForever,
  timeout,
  TimeoutError,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { rejection } from "./rejection.ts";

describe("cancelScope", () => {
  test("is cancelled from inside or outside, and ends with undefined; otherwise with the body's value", async () => {
    assert.equal(await cancelScope(() => "value"), "value");
    assert.equal(
      await cancelScope(async (scope) => {
        scope.cancel();
        await sleep(1);
        return "not reached";
      }),
      undefined,
    );
    assert.equal(await cancelScope((scope) => (scope.cancel(), "a value stays")), "a value stays");
  });

  test("follows an AbortSignal, and leaves no listener behind", async () => {
    const controller = new AbortController();
    const { getEventListeners } = await import("node:events");
    await cancelScope({ signal: controller.signal, name: "search" }, async (scope) => {
      assert.equal(scope.name, "search");
      assert.equal(getEventListeners(controller.signal, "abort").length, 1);
      await sleep(0);
    });
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    const reason = new Error("user left");
    let seen: unknown;
    await cancelScope({ signal: controller.signal }, async () => {
      const waiting = sleepForever();
      controller.abort(reason);
      seen = await rejection(waiting);
      throw seen;
    });
    assert.ok(seen instanceof CancelledError && seen.reason === reason && seen.cause === reason);
    assert.equal(await cancelScope({ signal: controller.signal }, () => sleep(1, "not reached")), undefined);
  });
});

for (const [kind, make] of [
  ["task", () => createTask(() => sleepForever())],
  ["future", () => new Future<never>()],
  ["coroutine", coroutine(() => sleepForever())],
] as const) {
  void test(`a ${kind} that a body returns is awaited inside the scope, and so ends with it`, () =>
    simulate(async () => {
      assert.equal(await moveOnAfter("1s", (): PromiseLike<never> => make(), "moved on"), "moved on");
      await assert.rejects(
        timeout("1s", (): PromiseLike<never> => make()),
        TimeoutError,
      );
    }));
}
