import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  coroutine,
  createTask,
  Future,
  getRunningLoop,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  timeout,
  TimeoutError,
  waitFor,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { afterTicks, atEveryOffset } from "./every-offset.ts";
import { rejection } from "./rejection.ts";

/** A test in virtual time, which starts at 0. */
function timed(name: string, body: () => Promise<void>): void {
  void test(name, () => simulate(body));
}

/** A job that takes its time to unwind, as one does that has something to save. */
function slowToUnwind(events: string[], cleanUp: number): () => Promise<void> {
  return async () => {
    try {
      await sleepForever();
    } finally {
      await shield(() => sleep(cleanUp));
      events.push(`unwound at ${getRunningLoop().time()}`);
    }
  };
}

describe("waitFor without any time", () => {
  timed(
    "yields the result of what is done already [test_waitfor: test_wait_for_timeout_less_then_0_or_0_future_done]",
    async () => {
      const future = new Future<string>();
      future.setResult("done");
      const task = createTask(() => "task", { eager: true });
      for (const duration of [0, -1, 10, null]) {
        assert.equal(await waitFor(future, duration), "done");
        assert.equal(await waitFor(task, duration), "task");
      }
    },
  );

  timed(
    "does not begin a function or coroutine [test_waitfor: test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started]",
    async () => {
      let calls = 0;
      const call = (): void => void (calls += 1);
      for (const duration of [0, -1]) {
        assert.ok((await rejection(waitFor(call, duration))) instanceof TimeoutError);
        assert.ok((await rejection(waitFor(coroutine(call)(), duration))) instanceof TimeoutError);
      }
      assert.equal(calls, 0);
    },
  );

  timed(
    "stops waiting for a task that runs, at once, and leaves it alone [test_waitfor: test_wait_for_timeout_less_then_0_or_0, test_wait_for_waits_for_task_cancellation_w_timeout_0]",
    async () => {
      for (const duration of [0, -1]) {
        const start = getRunningLoop().time();
        const task = createTask(() => sleep(10, "done"), { eager: true });
        const error = await rejection(waitFor(task, duration));
        assert.ok(error instanceof TimeoutError && isCancelled(error.cause));
        assert.deepEqual([task.done(), getRunningLoop().time() - start], [false, 0]);
        assert.equal(await task, "done");
      }
    },
  );
});

describe("waitFor, when its time is over,", () => {
  timed(
    "cancels a function, waits for its clean-up, and throws a TimeoutError caused by the cancellation [test_waitfor: test_wait_for_waits_for_task_cancellation, test_asyncio_wait_for_timeout]",
    async () => {
      const events: string[] = [];
      const error = await rejection(waitFor(slowToUnwind(events, 5), 10));
      assert.ok(error instanceof TimeoutError && isCancelled(error.cause));
      assert.deepEqual(events, ["unwound at 15"]);
    },
  );

  timed("stops waiting for a task, which goes on: its owner ends it [test_waitfor: test_wait_for]", async () => {
    const task = createTask(() => sleep("1m", "done"));
    const error = await rejection(waitFor(task, 100));
    assert.ok(error instanceof TimeoutError && isCancelled(error.cause));
    assert.deepEqual([task.done(), getRunningLoop().time()], [false, 100]);
    assert.equal(await task, "done");
  });

  timed(
    "yields the value of a function that catches its cancellation [test_waitfor: test_wait_for_cancellation_race_condition, test_wait_for_cancel_suppressed]",
    async () => {
      assert.equal(await waitFor(() => sleepForever().catch(() => 42), 1), 42);
    },
  );

  timed(
    "throws what the function throws while it is cancelled [test_waitfor: test_wait_for_reraises_exception_during_cancellation]",
    async () => {
      const error = new Error("clean-up");
      assert.equal(await rejection(waitFor(() => sleepForever().catch(() => Promise.reject(error)), 1)), error);
    },
  );

  timed(
    "is not held up for ever by a function that resists: the grace of its shield is over some time [test_waitfor: test_wait_for_self_cancellation]",
    async () => {
      const stubborn = (): Promise<void> => shield(() => sleep("1h"), { grace: 50 });
      const error = await rejection(waitFor(stubborn, 10));
      assert.deepEqual([error instanceof TimeoutError, getRunningLoop().time()], [true, 60]);
      const waiter = createTask(() => waitFor(stubborn, 10));
      await sleep(20);
      waiter.cancel();
      await rejection(waiter);
      assert.deepEqual([waiter.cancelled(), getRunningLoop().time()], [true, 120]);
    },
  );

  timed("names the job and the duration in its error", async () => {
    const error = await rejection(
      waitFor(async function loadPage() {
        await sleepForever();
      }, "2s"),
    );
    assert.equal((error as Error).message, "waitFor(loadPage, 2s) expired");
  });
});

describe("waitFor", () => {
  timed("without a limit is a plain wait [test_waitfor: test_wait_for_blocking]", async () => {
    assert.equal(await waitFor(() => sleep("1h", "done"), null), "done");
    assert.equal(await waitFor(coroutine(() => sleep("1h", "done"))(), null), "done");
  });

  timed(
    "yields a result that comes in time, and leaves no timer [test_waitfor: test_wait_for_race_condition]",
    async () => {
      const future = new Future<string>();
      getRunningLoop().callSoon(() => future.setResult("ok"));
      assert.equal(await waitFor(future, 200), "ok");
      await sleep("1s");
    },
  );

  for (const [duration, name] of [
    [null, "without a limit [test_waitfor: test_cancel_blocking_wait_for]"],
    ["1m", "with one [test_waitfor: test_cancel_wait_for]"],
  ] as const) {
    timed(`that is cancelled ends a function and only leaves a task, ${name}`, async () => {
      let seen: unknown;
      const target = createTask(() => sleepForever());
      const own = createTask(() =>
        waitFor(async () => {
          seen = await rejection(sleepForever());
          throw seen;
        }, duration),
      );
      const borrowing = createTask(() => waitFor(target, duration));
      await sleep(1);
      own.cancel("enough");
      borrowing.cancel("enough");
      await Promise.all([rejection(own), rejection(borrowing)]);
      assert.ok(isCancelled(seen) && seen.reason === "enough");
      assert.deepEqual([own.cancelled(), borrowing.cancelled(), target.done()], [true, true, false]);
      await target.cancelAndWait();
    });
  }

  timed(
    "that is cancelled waits for the function's clean-up [test_waitfor: test_asyncio_wait_for_cancelled]",
    async () => {
      const events: string[] = [];
      const waiter = createTask(() => waitFor(slowToUnwind(events, 200), 400));
      await sleep(1);
      await waiter.cancelAndWait();
      assert.deepEqual([events, waiter.cancelled()], [["unwound at 201"], true]);
    },
  );

  test("that is cancelled when its task ends, a little before or after: the caller does not go on, and the result is there [test_waitfor: test_wait_for_issue86296]", () =>
    atEveryOffset(async (offset) => {
      for (const duration of ["1h", null] as const) {
        let reachedEnd = false;
        const inner = createTask(async () => "done");
        const waiter = createTask(async () => {
          await waitFor(inner, duration);
          await sleep("1h");
          reachedEnd = true;
        });
        await afterTicks(offset, () => waiter.cancel());
        assert.ok(isCancelled(await rejection(waiter)));
        assert.deepEqual([waiter.cancelled(), reachedEnd, await inner], [true, false, "done"]);
      }
    }));

  test("that is cancelled when its function ends, a little before or after: the caller does not go on", () =>
    atEveryOffset(async (offset) => {
      const go = new Future<void>();
      let ended = 0;
      let reachedEnd = false;
      const waiter = createTask(async () => {
        await waitFor(async () => {
          try {
            await go;
          } finally {
            ended += 1;
          }
        }, "1h");
        await sleep("1h");
        reachedEnd = true;
      });
      await sleep(1);
      go.setResult();
      await afterTicks(offset, () => waiter.cancel());
      assert.ok(isCancelled(await rejection(waiter)));
      assert.deepEqual([waiter.cancelled(), ended, reachedEnd], [true, 1, false]);
    }));

  timed("works inside and around timeouts [test_waitfor: gh-96764]", async () => {
    const waiting = (): Promise<never> => waitFor(() => sleepForever(), "1h");
    assert.equal(await timeout("1h", () => waitFor(() => sleep(1, "value"), "30m")), "value");
    assert.equal(await waitFor(() => timeout("1h", () => sleep(1, "value")), "30m"), "value");
    assert.equal(String(await rejection(timeout(1, waiting))), "TimeoutError: timeout(1) expired");
    const inner = timeout("1h", () => waitFor(sleepForever, 1));
    assert.equal(String(await rejection(inner)), "TimeoutError: waitFor(sleepForever, 1) expired");
    const around = waitFor(() => timeout(1, () => sleepForever()), "1h");
    assert.equal(String(await rejection(around)), "TimeoutError: timeout(1) expired");
  });

  timed("accepts a native promise at run time, as borrowed", async () => {
    assert.equal(await waitFor(Promise.resolve("native") as never, "1s"), "native");
  });

  test("refuses what is no job, and what is no duration", async () => {
    const wrong = await rejection(waitFor(5 as never, 1));
    assert.match(String(wrong), /waitFor: expected a function, a coroutine, a task or a future, got 5/);
    assert.match(String(await rejection(waitFor(() => {}, undefined as never))), /waitFor: expected milliseconds/);
  });
});

describe("waitFor of a shielded job", () => {
  const work = (): Promise<string> => sleep(100, "done");

  for (const [duration, names] of [
    [0, "[test_waitfor: test_zero_timeout]"],
    [10, "[test_waitfor: test_shielded_timeout]"],
  ] as const) {
    timed(
      `for ${duration} ms needs no shield if that is a task: it goes on behind the TimeoutError ${names}`,
      async () => {
        const task = createTask(work);
        assert.ok((await rejection(waitFor(task, duration))) instanceof TimeoutError);
        assert.deepEqual([task.done(), getRunningLoop().time()], [false, duration]);
        assert.equal(await task, "done");
      },
    );
  }

  timed("holds the deadline off, as a shield does, and yields the value", async () => {
    const task = createTask(work);
    assert.equal(await waitFor(() => shield(task), 10), "done");
    assert.equal(getRunningLoop().time(), 100);
  });

  timed("without a limit waits to its end [test_waitfor: test_none_timeout]", async () => {
    const task = createTask(work);
    assert.equal(await waitFor(() => shield(task), null), "done");
    assert.equal(task.result(), "done");
  });
});
