import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cancelScope, CancelledError, createTask, isCancelled, suspend, type Wait } from "../../src/index.ts";

describe("suspend", () => {
  test("resolves to what the wait is resolved with", async () => {
    assert.equal(await suspend<number>("a number", (wait) => void wait.resolve(1)), 1);
    const later = suspend<number>("a number", (wait) => queueMicrotask(() => wait.resolve(2)));
    assert.equal(await later, 2);
  });

  test("rejects with what the wait is rejected with, or with what start throws", async () => {
    const error = new Error("no");
    await assert.rejects(
      suspend("an error", (wait) => void wait.reject(error)),
      (thrown) => thrown === error,
    );
    const throwing = suspend("an error", () => {
      throw error;
    });
    await assert.rejects(throwing, (thrown) => thrown === error);
  });

  test("settles once, and says so to everybody else", async () => {
    let wait!: Wait<string>;
    const promise = suspend<string>("who is first", (given) => {
      wait = given;
    });
    assert.equal(wait.pending, true);
    assert.deepEqual(
      [wait.resolve("first"), wait.resolve("second"), wait.reject(new Error("third"))],
      [true, false, false],
    );
    assert.equal(wait.pending, false);
    assert.equal(await promise, "first");
  });

  test("calls start at once, in the caller's own stack", () => {
    const events: string[] = [];
    void suspend("nothing", (wait) => {
      events.push("start");
      wait.resolve(undefined);
    });
    events.push("after");
    assert.deepEqual(events, ["start", "after"]);
  });

  test("does not call start in a cancelled scope", async () => {
    let called = false;
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(
        suspend("nothing", () => void (called = true)),
        CancelledError,
      );
    });
    assert.equal(called, false);
  });

  test("runs the clean-up when the wait is cancelled: once, synchronously, when the wait is settled already", async () => {
    const events: unknown[] = [];
    await cancelScope(async (scope) => {
      const promise = suspend<string>("an item", (wait) => () => {
        events.push("clean-up", wait.pending, wait.resolve("too late"), scope.cancelled);
      });
      scope.cancel();
      events.push("cancelled");
      await promise;
    });
    assert.deepEqual(events, ["clean-up", false, false, true, "cancelled"]);
  });

  test("does not run the clean-up of a wait that ends in another way", async () => {
    let cleaned = false;
    const clean = (): void => void (cleaned = true);
    await cancelScope(async (scope) => {
      await suspend<number>("a number", (wait) => (wait.resolve(1), clean));
      await suspend<number>("a number", (wait) => (queueMicrotask(() => wait.resolve(1)), clean));
      await suspend("an error", (wait) => (queueMicrotask(() => wait.reject(new Error("no"))), clean)).catch(() => {});
      scope.cancel();
    });
    assert.equal(cleaned, false);
  });

  test("finds the whole tree cancelled in each clean-up, so that no clean-up can wait", async () => {
    const seen: boolean[] = [];
    const waitHere = (): Promise<void> =>
      suspend<void>("nothing", () => () => {
        suspend("in the clean-up", () => void seen.push(false)).catch((error: unknown) =>
          seen.push(isCancelled(error)),
        );
      });
    await cancelScope(async (scope) => {
      const inner = cancelScope(waitHere);
      const outer = waitHere();
      scope.cancel();
      await Promise.allSettled([inner, outer]);
    });
    assert.deepEqual(seen, [true, true]);
  });

  test("of an uncancellable kind outlives the cancellation, also when it begins after it", async () => {
    await cancelScope(async (scope) => {
      let open!: Wait<string>;
      const before = suspend<string>("a join", (wait) => void (open = wait), { uncancellable: true });
      scope.cancel();
      const after = suspend<string>("a join", (wait) => void wait.resolve("after"), { uncancellable: true });
      open.resolve("before");
      assert.deepEqual([await before, await after], ["before", "after"]);
    });
  });

  test("returns the value of a wait that was settled before the cancel; the cancellation lands at the next one", async () => {
    let taken: unknown;
    await cancelScope(async (scope) => {
      let open!: Wait<string>;
      const promise = suspend<string>("an item", (wait) => void (open = wait));
      assert.equal(open.resolve("item"), true);
      scope.cancel();
      taken = await promise;
      await assert.rejects(
        suspend("the next", () => {}),
        CancelledError,
      );
    });
    assert.equal(taken, "item");
  });

  test("leaves the item where it is when the wait was cancelled before", async () => {
    await cancelScope(async (scope) => {
      let open!: Wait<string>;
      const promise = suspend<string>("an item", (wait) => void (open = wait));
      scope.cancel();
      assert.equal(open.resolve("item"), false);
      await assert.rejects(promise, CancelledError);
    });
  });

  test("flattens a promise as await does", async () => {
    assert.equal(await suspend<Promise<number>>("a promise", (wait) => void wait.resolve(Promise.resolve(1))), 1);
  });

  test("cancels a thousand waits in the order in which they began", async () => {
    const order: number[] = [];
    await cancelScope(async (scope) => {
      const waits = Array.from({ length: 1000 }, (_, index) =>
        suspend("one of many", () => () => void order.push(index)),
      );
      scope.cancel();
      await Promise.allSettled(waits);
    });
    assert.deepEqual(order, [...Array(1000).keys()]);
  });

  test("runs the clean-up also when start itself cancels the scope", async () => {
    let cleaned = 0;
    await cancelScope(async (scope) => {
      await suspend("nothing", () => {
        scope.cancel();
        return () => (cleaned += 1);
      });
    });
    assert.equal(cleaned, 1);
  });

  test("does not run the clean-up of a wait that start settles before it cancels the scope", async () => {
    const value = await cancelScope(
      async (scope) =>
        await suspend<string>("a value", (wait) => {
          wait.resolve("settled");
          scope.cancel();
          return () => assert.fail("not to be called");
        }),
    );
    assert.equal(value, "settled");
  });

  test("runs clean-ups when no wait in the cancelled scope can be given anything any more", async () => {
    await cancelScope(async (scope) => {
      let second!: Wait<string>;
      const first = suspend("one", () => () => assert.equal(second.resolve("too late"), false));
      const other = suspend<string>("two", (wait) => {
        second = wait;
      });
      scope.cancel();
      for (const { status } of await Promise.allSettled([first, other])) assert.equal(status, "rejected");
    });
  });

  test("reports a clean-up that throws, and cancels the others all the same", async (t) => {
    const uncaught: unknown[] = [];
    const error = new Error("a faulty clean-up");
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const collect = (thrown: unknown): void => void uncaught.push(thrown);
    process.on("uncaughtException", collect);
    t.after(() => {
      process.off("uncaughtException", collect);
      for (const other of others) process.on("uncaughtException", other);
    });
    await cancelScope(async (scope) => {
      const faulty = suspend("one", () => () => {
        throw error;
      });
      const healthy = suspend("two", () => {});
      scope.cancel();
      assert.ok((await Promise.allSettled([faulty, healthy])).every(({ status }) => status === "rejected"));
    });
    await createTask(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))));
    assert.deepEqual(uncaught, [error]);
  });
});
