import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  cancelScope,
  CancelledError,
  createTask,
  Future,
  InvalidStateError,
  isCancelled,
  sleep,
} from "../../src/index.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a future", () => {
  test("is pending, then has its result, and is set once [test_futures: test_initial_state, test_result, test_yield_from_twice]", async () => {
    const future = new Future<number>();
    assert.deepEqual([future.done(), future.cancelled()], [false, false]);
    assert.throws(() => future.result(), InvalidStateError);
    future.setResult(1);
    assert.deepEqual([future.done(), future.result(), future.exception()], [true, 1, undefined]);
    assert.throws(() => future.setResult(2), /setResult: Future-\d+ is done already \(fulfilled\)/);
    assert.throws(() => future.setException(new Error("late")), InvalidStateError);
    assert.equal(future.cancel(), false);
    assert.deepEqual([await future, await future], [1, 1]);
  });

  test("has its exception [test_futures: test_exception]", async () => {
    const error = new Error("no");
    const future = new Future();
    future.setException(error);
    assert.equal(future.exception(), error);
    await assert.rejects(future.then(), (thrown) => thrown === error);
  });

  test("refuses a class where an error belongs [test_futures: test_exception_class]", () => {
    assert.throws(() => new Future().setException(TypeError), /expected an error, got the function TypeError/);
  });

  test("is cancelled once, with a reason; then its result is refused [test_futures: test_cancel, test_set_result_unless_cancelled]", async () => {
    const future = new Future<number>({ name: "answer" });
    const waiting = future.then();
    assert.deepEqual([future.cancel("why"), future.cancel()], [true, false]);
    await assert.rejects(waiting, (error) => error instanceof CancelledError && error.reason === "why");
    assert.throws(() => future.result(), CancelledError);
    assert.throws(() => future.setResult(1), InvalidStateError);
    assert.equal(future.cancelled(), true);
  });

  test("refuses a bare task, which would arrive as its result, with a hint", async () => {
    const task = createTask(() => 1);
    assert.throws(() => new Future<unknown>().setResult(task), /wrap it, as in \{ task \}/);
    const wrapped = new Future<{ task: typeof task }>();
    wrapped.setResult({ task });
    assert.equal((await wrapped).task, task);
  });

  test("wakes all who wait, in their order; a cancelled one leaves it as it is", async () => {
    const future = new Future<string>();
    const order: string[] = [];
    const waits = ["a", "b", "c"].map((name) => future.then(() => order.push(name)));
    await cancelScope(async (scope) => {
      const waiting = future.then();
      scope.cancel();
      await assert.rejects(waiting, isCancelled);
    });
    assert.equal(future.done(), false);
    future.setResult("value");
    await Promise.all(waits);
    assert.deepEqual(order, ["a", "b", "c"]);
  });

  test("calls its done-callbacks later, in order, once each, with itself [test_futures: test_callbacks_invoked_on_set_result]", async () => {
    const future = new Future<number>();
    const calls: unknown[] = [];
    future.addDoneCallback((done) => calls.push("first", done === future));
    future.addDoneCallback(() => calls.push("second"));
    future.setResult(1);
    assert.deepEqual(calls, []);
    await turn();
    assert.deepEqual(calls, ["first", true, "second"]);
  });

  test("calls a callback that is added when it is done soon, never at once", async () => {
    const future = new Future<number>();
    future.setException(new Error("no"));
    const calls: unknown[] = [];
    future.addDoneCallback(() => calls.push("called"));
    assert.deepEqual(calls, []);
    await turn();
    assert.deepEqual(calls, ["called"]);
  });

  test("calls back for an error and for a cancellation too [test_futures: test_callbacks_invoked_on_set_exception]", async () => {
    const calls: string[] = [];
    const failed = new Future({ name: "failed" });
    const cancelled = new Future({ name: "cancelled" });
    for (const future of [failed, cancelled]) future.addDoneCallback(({ name }) => calls.push(name));
    failed.setException(new Error("no"));
    cancelled.cancel();
    await turn();
    assert.deepEqual(calls, ["failed", "cancelled"]);
  });

  test("calls those that are left when one of three is removed, whichever [test_futures: test_callbacks_remove_first_callback, test_callbacks_remove_first_and_second_callback, test_callbacks_remove_third_callback]", async () => {
    for (const [removed, expected] of [
      [["a"], ["b", "c"]],
      [["a", "b"], ["c"]],
      [["c"], ["a", "b"]],
    ] as const) {
      const future = new Future<string>();
      const calls: string[] = [];
      const callbacks = new Map(["a", "b", "c"].map((name) => [name, (): void => void calls.push(name)]));
      for (const callback of callbacks.values()) future.addDoneCallback(callback);
      for (const name of [...removed, ...removed]) future.removeDoneCallback(callbacks.get(name) ?? assert.fail());
      future.setResult("done");
      await turn();
      assert.deepEqual(calls, expected);
    }
  });

  test("removes all copies of a callback and says how many [test_futures: test_remove_done_callback]", async () => {
    const future = new Future<number>();
    const calls: string[] = [];
    const unwanted = (): void => void calls.push("unwanted");
    future.addDoneCallback(unwanted);
    future.addDoneCallback(() => calls.push("wanted"));
    future.addDoneCallback(unwanted);
    assert.deepEqual([future.removeDoneCallback(unwanted), future.removeDoneCallback(unwanted)], [2, 0]);
    future.setResult(1);
    await turn();
    assert.deepEqual([calls, future.removeDoneCallback(unwanted)], [["wanted"], 0]);
  });

  test("forgets a callback that is removed before it is called, also when it was done already", async () => {
    const future = new Future<number>();
    future.setResult(1);
    const unwanted = (): void => assert.fail("not to be called");
    future.addDoneCallback(unwanted);
    assert.equal(future.removeDoneCallback(unwanted), 1);
    await turn();
  });

  test("can lose a callback to another one that is called before it [test_futures: test_remove_done_callbacks_list_mutation]", async () => {
    const future = new Future<number>();
    const calls: string[] = [];
    const second = (): void => void calls.push("second");
    future.addDoneCallback(() => {
      calls.push("first");
      assert.equal(future.removeDoneCallback(second), 1);
    });
    future.addDoneCallback(second);
    future.setResult(1);
    await turn();
    assert.deepEqual(calls, ["first"]);
  });

  test("does not call in this round what a callback adds, but soon after [test_futures: test_schedule_callbacks_list_mutation_1]", async () => {
    const future = new Future<number>();
    const calls: string[] = [];
    future.addDoneCallback(() => {
      calls.push("first");
      future.addDoneCallback(() => calls.push("added"));
    });
    future.addDoneCallback(() => calls.push("second"));
    future.setResult(1);
    await turn();
    assert.deepEqual(calls, ["first", "second", "added"]);
  });

  test("goes on calling when a callback throws, which goes to the exception handler", async (t) => {
    const { getRunningLoop } = await import("../../src/index.ts");
    const loop = getRunningLoop();
    const reports: string[] = [];
    loop.exceptionHandler = ({ message, error }) => reports.push(message, String(error));
    t.after(() => (loop.exceptionHandler = null));
    const future = new Future<number>();
    const calls: string[] = [];
    future.addDoneCallback(() => {
      throw new Error("faulty");
    });
    future.addDoneCallback(() => calls.push("second"));
    future.setResult(1);
    await turn();
    assert.deepEqual([calls, reports], [["second"], [`a done-callback of ${future.name} threw`, "Error: faulty"]]);
  });

  test("keeps an error's own stack [test_futures2: test_future_traceback]", async () => {
    const future = new Future();
    const error = (function whereItHappened() {
      return new Error("no");
    })();
    setImmediate(() => future.setException(error));
    await assert.rejects(future.then(), (thrown) => /whereItHappened/.test((thrown as Error).stack ?? ""));
  });

  test("shows its state when it is printed [test_futures: test_future_repr]", () => {
    const future = new Future<string>({ name: "answer" });
    assert.equal(inspect(future), "<Future answer pending>");
    future.setResult("42");
    assert.equal(inspect(future), "<Future answer fulfilled>");
  });

  test("that a task awaits is done in the eager part of another [test_eager_task_factory: test_await_future_during_eager_step]", async () => {
    const future = new Future<string>();
    createTask(() => future.setResult("set eagerly"), { eager: true });
    assert.equal(await future, "set eagerly");
    await sleep(0);
  });

  test("can hold itself, and be printed [test_futures2: test_recursive_repr_for_pending_tasks]", async () => {
    const future = new Future<unknown>({ name: "ring" });
    const task = createTask(() => future.then(), { name: "waiter" });
    future.addDoneCallback(() => task.done());
    assert.match(inspect({ future, task }), /ring pending.*waiter pending/s);
    future.setResult([future]);
    await task;
    assert.match(inspect(future), /ring fulfilled/);
  });
});
