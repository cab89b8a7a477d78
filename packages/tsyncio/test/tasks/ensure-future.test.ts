import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { coroutine, createTask, ensureFuture, Future, isCancelled, sleep, sleepForever } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { rejection } from "./rejection.ts";

describe("ensureFuture", () => {
  test("starts functions and coroutines as tasks [test_tasks: test_ensure_future_coroutine]", () =>
    simulate(async () => {
      const greet = coroutine(async function greet(name: string) {
        return `hello, ${name}`;
      });
      const tasks = [ensureFuture(async () => "function"), ensureFuture(greet("you"))];
      assert.deepEqual(
        tasks.map((task) => task.done()),
        [false, false],
      );
      assert.deepEqual(await Promise.all(tasks), ["function", "hello, you"]);
      assert.equal(tasks[1]?.name, "greet");
    }));

  test("returns a task or future as it is [test_tasks: test_ensure_future_future, test_ensure_future_task]", async () => {
    const future = new Future<number>();
    const task = createTask(() => 1);
    assert.equal(ensureFuture(future), future);
    assert.equal(ensureFuture(task), task);
    assert.equal(await task, 1);
  });

  test("gives a promise, or another thenable, a task that waits for it [test_tasks: test_ensure_future_awaitable, test_ensure_future_task_awaitable]", async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- a thenable is the subject
      then: <R>(resolve: (value: string) => R): R => resolve("thenable"),
    };
    const task = ensureFuture(thenable as PromiseLike<string>);
    assert.equal(await task, "thenable");
    assert.deepEqual([task.done(), task.result()], [true, "thenable"]);
    const error = new Error("no");
    assert.equal(await rejection(ensureFuture(Promise.reject(error))), error);
  });

  test("can be cancelled although it waits for a promise, which is left alone", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const task = ensureFuture(promise);
    await sleep(0);
    task.cancel();
    assert.ok(isCancelled(await rejection(task)));
    resolve("later");
    assert.equal(await promise, "later");
  });

  test("refuses anything else, and says what came [test_tasks: test_ensure_future_neither, test_ensure_future_error_msg]", () => {
    for (const [wrong, got] of [
      ["ok", '"ok"'],
      [undefined, "undefined"],
      [[sleepForever], "an array"],
    ] as const) {
      assert.throws(
        () => ensureFuture(wrong as never),
        new TypeError(`ensureFuture: expected a function, a coroutine, a task, a future or a promise, got ${got}`),
      );
    }
  });
});
