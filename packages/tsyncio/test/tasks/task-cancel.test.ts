import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CancelledError,
  createTask,
  currentTask,
  Future,
  getRunningLoop,
  isCancelled,
  moveOnAfter,
  run,
  shield,
  sleep,
  sleepForever,
  type Task,
  wait,
  yieldNow,
} from "../../src/index.ts";
import { simulate, waitAllTasksBlocked } from "../../src/testing.ts";
import { afterTicks, atEveryOffset } from "./every-offset.ts";
import { rejection } from "./rejection.ts";

/** A test in virtual time, which starts at 0. */
function timed(name: string, body: () => Promise<void>): void {
  void test(name, () => simulate(body));
}

describe("cancelling a task", () => {
  timed(
    "interrupts its wait; it ends cancelled, and a second cancel returns false [test_tasks: test_cancel, test_task_cancel_waiter_future]",
    async () => {
      const task = createTask(async () => {
        await sleep("10s");
        return 12;
      });
      await sleep(1);
      assert.deepEqual([task.cancel("reason"), task.cancel()], [true, false]);
      const error = await rejection(task);
      assert.ok(error instanceof CancelledError);
      assert.deepEqual([error.reason, error.cancelledBy, getRunningLoop().time()], ["reason", currentTask()?.name, 1]);
      assert.deepEqual([task.done(), task.cancelled(), task.cancel()], [true, true, false]);
      assert.throws(() => task.result(), error);
      assert.throws(() => task.exception(), error);
    },
  );

  timed("interrupts waits that take no time as well [test_tasks: test_cancel_yield]", async () => {
    const task = createTask(async () => {
      for (;;) await sleep(0);
    });
    await sleep(0);
    task.cancel();
    assert.ok(isCancelled(await rejection(task)));
    assert.deepEqual([task.done(), task.cancelled(), task.cancel()], [true, true, false]);
  });

  test("before its start, at every distance from it, means that it never runs; the reason is kept [test_tasks: test_cancel_with_message_before_starting_task]", () =>
    atEveryOffset(async (offset) => {
      let calls = 0;
      const task = createTask(async () => {
        calls += 1;
        await sleepForever();
      });
      let begun = 0;
      await afterTicks(offset, () => {
        begun = calls;
        task.cancel("changed my mind");
      });
      assert.equal(((await rejection(task)) as CancelledError).reason, "changed my mind");
      assert.deepEqual([task.cancelled(), calls], [true, begun]);
      if (offset === 0) assert.equal(begun, 0);
    }));

  timed("by itself takes effect at its next wait [test_tasks: test_cancel_current_task]", async () => {
    const events: string[] = [];
    const task: Task<void> = createTask(async () => {
      assert.equal(task.cancel(), true);
      events.push("goes on");
      await sleep(100);
      events.push("not reached");
    });
    assert.ok(isCancelled(await rejection(task)));
    assert.deepEqual([events, task.cancelled(), task.cancel()], [["goes on"], true, false]);
    assert.equal(getRunningLoop().time(), 0);
  });

  timed("by itself without a further wait leaves its value [test_tasks: test_cancel_at_end]", async () => {
    const task: Task<number> = createTask(async () => {
      task.cancel();
      return 12;
    });
    assert.deepEqual([await task, task.cancelled(), task.cancel()], [12, false, false]);
  });

  timed(
    "that catches the cancellation and returns is no cancelled task [test_tasks: test_cancel_task_catching]",
    async () => {
      const [first, second] = [new Future<void>(), new Future<void>()];
      const task = createTask(async () => {
        await first;
        return second.then(
          () => 0,
          () => 42,
        );
      });
      await sleep(1);
      first.setResult();
      await sleep(1);
      task.cancel();
      assert.deepEqual([await task, task.cancelled(), second.done()], [42, false, false]);
    },
  );

  timed(
    "that ignores the cancellation is cancelled again at each further wait [test_tasks: test_cancel_task_ignoring]",
    async () => {
      const seen: unknown[] = [];
      const task = createTask(async () => {
        seen.push(await rejection(sleep("1h")), await rejection(new Future<void>()));
        await sleep("1h");
      });
      await sleep(1);
      task.cancel();
      const error = await rejection(task);
      assert.deepEqual(
        seen.map((each) => each === error),
        [true, true],
      );
      assert.equal(task.cancelled(), true);
    },
  );

  timed(
    "leaves what it awaits alone, also when it is cancelled before it awaits that [test_tasks: test_yield_future_passes_cancel, test_cancel_awaited_task]",
    async () => {
      const future = new Future<string>();
      const nested = createTask(() => sleep(10, "nested"));
      const tasks: Task<unknown>[] = [
        createTask(() => future),
        createTask(() => nested),
        createTask(async () => {
          currentTask()?.cancel();
          await nested;
        }),
      ];
      await waitAllTasksBlocked();
      for (const task of tasks) task.cancel();
      for (const task of tasks) assert.ok(isCancelled(await rejection(task)) && task.cancelled());
      assert.deepEqual([future.done(), nested.done()], [false, false]);
      assert.equal(await nested, "nested");
    },
  );

  timed(
    "that awaits a future which is cancelled fails with that; it is not cancelled itself [test_tasks: test_cancel_inner_future]",
    async () => {
      const future = new Future<void>();
      const task = createTask(() => future);
      await sleep(1);
      future.cancel();
      const error = await rejection(task);
      assert.ok(isCancelled(error));
      assert.deepEqual([future.cancelled(), task.cancelled(), task.exception()], [true, false, error]);
    },
  );

  test("together with what it awaits, a little before or after, is one cancellation [test_tasks: test_cancel_both_task_and_inner_future]", () =>
    atEveryOffset(async (offset) => {
      for (const taskFirst of [false, true]) {
        const future = new Future<void>();
        const task = createTask(() => future);
        await sleep(1);
        const both = [() => future.cancel("future"), () => task.cancel("task")];
        if (taskFirst) both.reverse();
        both[0]?.();
        await afterTicks(offset, () => both[1]?.());
        const error = await rejection(task);
        assert.ok(isCancelled(error) && task.done() && future.cancelled());
        assert.equal(task.cancelled(), error.reason === "task");
        if (taskFirst) assert.equal(task.cancelled(), true);
      }
    }));

  timed(
    "hands its reason to whoever awaits or reads the task; one that is no string stays as it is, an absent one absent [test_tasks: test_cancel_with_message_then_future_result, test_cancel_with_message_then_future_exception, test_task_cancel_message_getter]",
    async () => {
      const object = { code: 5 };
      for (const reason of [[], [undefined], ["my message"], [5], [object], [new Error("an error")]]) {
        const task = createTask(() => sleep("10s"));
        await sleep(0);
        task.cancel(...reason);
        await wait([task]);
        for (const read of [() => task.result(), () => task.exception()]) {
          assert.throws(read, (error) => error instanceof CancelledError && error.reason === reason[0]);
        }
        const awaiter = createTask(() => task.then());
        assert.equal(((await rejection(awaiter)) as CancelledError).reason, reason[0]);
      }
    },
  );

  timed("a second time keeps the first reason [test_tasks: test_task_cancel_message_setter]", async () => {
    const task = createTask(() => sleepForever());
    task.cancel("my message");
    task.cancel("my new message");
    assert.equal(((await rejection(task)) as CancelledError).reason, "my message");
  });

  timed(
    "gives all who wait one error, which does not grow [test_tasks: test_cancellation_exception_context]",
    async () => {
      const task = createTask(() => sleep("10s"));
      await sleep(1);
      task.cancel("msg");
      const errors: unknown[] = [];
      for (let time = 0; time < 3; time += 1)
        errors.push(await rejection(task), await rejection(createTask(() => task.then())));
      assert.equal(new Set(errors).size, 1);
      const [error] = errors as [CancelledError];
      const before = Reflect.ownKeys(error);
      const wrapped = new Error("cancelled", { cause: error });
      assert.equal(wrapped.cause, error);
      assert.deepEqual([Reflect.ownKeys(error), error.cause], [before, undefined]);
    },
  );

  timed(
    "has an error whose stack is the canceller's, and which names the task [test_tasks: test_cancel_traceback_for_future_result, test_cancel_traceback_for_future_exception]",
    async () => {
      const task = createTask(() => sleep("10s"), { name: "nested" });
      await sleep(1);
      (function theCanceller() {
        task.cancel();
      })();
      const error = (await rejection(task)) as CancelledError;
      assert.match(error.stack ?? "", /theCanceller/);
      assert.deepEqual([error.message, error.scope.name], ["nested was cancelled", "nested"]);
    },
  );

  timed("makes an awaiter fail, which is not cancelled itself", async () => {
    const task = createTask(() => sleepForever());
    const awaiter = createTask(() => task.then());
    await sleep(1);
    task.cancel();
    assert.ok(isCancelled(await rejection(awaiter)));
    assert.equal(awaiter.cancelled(), false);
  });

  timed(
    "leaves an error that it throws while it is cancelled, whatever that is [test_tasks: test_baseexception_during_cancel]",
    async () => {
      for (const thrown of [new Error("an error"), "a string", { exit: 1 }, undefined]) {
        const task = createTask(() => sleep("10s").catch(() => Promise.reject(thrown)));
        await sleep(1);
        task.cancel();
        assert.equal(task.done(), false);
        assert.equal(await rejection(task), thrown);
        assert.deepEqual([task.cancelled(), task.exception()], [false, thrown]);
      }
    },
  );

  timed(
    "does not hide in wait, and leaves the tasks there alone [test_tasks: test_yield_wait_does_not_shield_cancel]",
    async () => {
      const inner = createTask(() => sleep(10, "inner"));
      let reached = false;
      const outer = createTask(async () => {
        await wait([inner]);
        reached = true;
      });
      await sleep(1);
      outer.cancel();
      assert.ok(isCancelled(await rejection(outer)));
      assert.equal(await inner, "inner");
      assert.equal(reached, false);
    },
  );

  timed("with cancelAndWait waits for its clean-up, whatever its outcome", async () => {
    const events: string[] = [];
    const task = createTask(async () => {
      try {
        await sleepForever();
      } finally {
        await shield(() => sleep(1));
        events.push("unwound");
        // oxlint-disable-next-line no-unsafe-finally -- the clean-up that fails is the subject
        throw new Error("in clean-up");
      }
    });
    await sleep(1);
    await task.cancelAndWait();
    assert.deepEqual([events, (task.exception() as Error).message], [["unwound"], "in clean-up"]);
    await task.cancelAndWait();
  });

  test("a little before or after its wait ended: the value is there or not, never both, and the next wait is cancelled", () =>
    atEveryOffset(async (offset) => {
      const future = new Future<string>();
      let value: string | undefined;
      const task = createTask(async () => {
        value = await future;
        await sleepForever();
      });
      await sleep(1);
      future.setResult("value");
      await afterTicks(offset, () => task.cancel());
      assert.ok(isCancelled(await rejection(task)));
      assert.deepEqual([value, task.cancelled()], ["value", true]);
    }));

  test("of a thousand tasks leaves none of them waiting", async () => {
    const tasks = Array.from({ length: 1000 }, () => createTask(() => sleep("1h")));
    await yieldNow();
    for (const task of tasks) task.cancel();
    for (const task of tasks) assert.ok(isCancelled(await rejection(task)));
  });
});

describe("a cancellation of a task", () => {
  timed(
    "cannot be taken back: there is no counter, and no second request [test_tasks: test_cancelling, test_uncancel_basic, test_uncancel_resets_must_cancel]",
    async () => {
      const task = createTask(async () => {
        await rejection(sleep("10s"));
        assert.equal(currentTask()?.cancel(), false);
        await sleep("10s");
      });
      await sleep(1);
      task.cancel();
      await rejection(task);
      assert.deepEqual([task.cancelled(), "uncancel" in task, "cancelling" in task], [true, false, false]);
    },
  );

  timed(
    "of a block inside it ends with the block, and leaves nothing; a block that is in time changes nothing [test_tasks: test_uncancel_structured_blocks]",
    async () => {
      for (const [work, inTime] of [
        ["10s", false],
        [0, true],
      ] as const) {
        const task = createTask(async () => {
          const finished = await moveOnAfter(100, () => sleep(work, true), false);
          await sleep(0);
          return [finished, "outer code reached"];
        });
        assert.deepEqual([await task, task.cancelled()], [[inTime, "outer code reached"], false]);
      }
    },
  );

  test("comes with the end of the run, to tasks that nobody has kept [test_tasks: test_log_destroyed_pending_task]", async () => {
    const events: string[] = [];
    await run(async () => {
      createTask(async () => {
        try {
          await new Future<void>();
        } finally {
          events.push("cancelled");
        }
      });
      await sleep(0);
    });
    assert.deepEqual(events, ["cancelled"]);
  });

  test("after its failure makes nothing of that unseen or seen [test_tasks: test_tb_logger_not_called_after_cancel]", async () => {
    const failing = run(
      async () => {
        const task = createTask(() => Promise.reject(new TypeError("unseen")));
        await sleep(0);
        assert.equal(task.cancel(), false);
        await sleepForever();
      },
      { signals: [] },
    );
    assert.match(String(await rejection(failing)), /unseen/);
  });
});
