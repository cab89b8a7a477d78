import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  coroutine,
  createTask,
  Future,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  timeout,
  TimeoutError,
  waitFor,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const caught = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => assert.fail("expected a rejection"),
    (error: unknown) => error,
  );

function timed(name: string, body: () => Promise<void>): void {
  void test(name, () => simulate(body));
}

// The names in brackets are those of CPython's test_waitfor.
describe("waitFor", () => {
  timed(
    "yields the result of what is done already, also without any time (timeout_less_then_0_or_0_future_done)",
    async () => {
      const future = new Future<string>();
      future.setResult("done");
      for (const duration of [0, -1, 10, null]) assert.equal(await waitFor(future, duration), "done");
    },
  );

  timed("without any time does not begin a function or coroutine (coroutine_do_not_started)", async () => {
    let calls = 0;
    for (const duration of [0, -1]) {
      assert.ok((await caught(waitFor(() => (calls += 1), duration))) instanceof TimeoutError);
      assert.ok((await caught(waitFor(coroutine(() => (calls += 1))(), duration))) instanceof TimeoutError);
    }
    assert.equal(calls, 0);
  });

  timed("without any time stops waiting for a task that runs, and leaves it alone", async () => {
    const task = createTask(() => sleep(5, "task"));
    assert.ok((await caught(waitFor(task, 0))) instanceof TimeoutError);
    assert.equal(await task, "task");
  });

  timed(
    "cancels a function, waits for its clean-up, then throws a TimeoutError with the cancellation as cause (waits_for_task_cancellation)",
    async () => {
      const events: unknown[] = [];
      const error = await caught(
        waitFor(async () => {
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep(5));
            events.push("unwound");
          }
        }, 10),
      );
      assert.ok(error instanceof TimeoutError && isCancelled(error.cause));
      assert.deepEqual(events, ["unwound"]);
    },
  );

  timed("without a limit is a plain wait (wait_for_blocking)", async () => {
    assert.equal(await waitFor(() => sleep("1h", "value"), null), "value");
  });

  timed("yields the value of a function that catches its cancellation (cancellation_race_condition)", async () => {
    assert.equal(await waitFor(() => sleepForever().catch(() => "caught"), 1), "caught");
  });

  timed("throws what the function throws while it is cancelled (reraises_exception_during_cancellation)", async () => {
    const error = new Error("clean-up");
    assert.equal(await caught(waitFor(() => sleepForever().catch(() => Promise.reject(error)), 1)), error);
  });

  timed("cancels a function with its caller, with and without a limit (cancel_wait_for)", async () => {
    for (const duration of [null, "1h"] as const) {
      let seen: unknown;
      const task = createTask(() =>
        waitFor(async () => {
          seen = await caught(sleepForever());
          throw seen;
        }, duration),
      );
      await sleep(1);
      task.cancel("enough");
      assert.ok(isCancelled(await caught(task)));
      assert.ok(isCancelled(seen) && seen.reason === "enough");
    }
  });

  timed(
    "leaves a borrowed task running when its caller is cancelled; its result stays readable (wait_for_issue86296)",
    async () => {
      const target = createTask(() => sleep(5, "result"));
      const waiter = createTask(() => waitFor(target, "1h"));
      await sleep(1);
      waiter.cancel();
      assert.ok(isCancelled(await caught(waiter)));
      await sleep(10);
      assert.equal(target.result(), "result");
    },
  );

  timed("works inside and around timeouts", async () => {
    assert.equal(await timeout("1h", () => waitFor(() => sleep(1, "value"), "30m")), "value");
    assert.ok((await caught(timeout(1, () => waitFor(() => sleepForever(), "1h")))) instanceof TimeoutError);
    assert.ok((await caught(timeout("1h", () => waitFor(() => sleepForever(), 1)))) instanceof TimeoutError);
  });

  timed("accepts a native promise at run time, as borrowed", async () => {
    assert.equal(await waitFor(Promise.resolve("native") as never, "1s"), "native");
  });

  timed("names the job and the duration in its error", async () => {
    const error = await caught(
      waitFor(async function loadPage() {
        await sleepForever();
      }, "2s"),
    );
    assert.equal((error as Error).message, "waitFor(loadPage, 2s) expired");
  });

  test("refuses what is no job", async () => {
    await assert.rejects(
      waitFor(5 as never, 1),
      /waitFor: expected a function, a coroutine, a task or a future, got 5/,
    );
  });
});
