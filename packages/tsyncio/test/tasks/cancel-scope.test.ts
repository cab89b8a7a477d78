import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cancelScope, CancelledError, sleep, sleepForever } from "../../src/index.ts";
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
