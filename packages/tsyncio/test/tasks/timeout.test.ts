import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as foreignTimeout } from "node:timers/promises";
import {
  cancelScope,
  CancelledError,
  checkpoint,
  createTask,
  currentDeadline,
  getRunningLoop,
  InvalidStateError,
  isCancelled,
  moveOnAfter,
  shield,
  sleep,
  sleepForever,
  taskGroup,
  type Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
  withSignal,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const caught = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => assert.fail("expected a rejection"),
    (error: unknown) => error,
  );

/** A test in virtual time, which starts at 0. */
function timed(name: string, body: () => Promise<void>): void {
  void test(name, () => simulate(body));
}

// The names in brackets are those of CPython's test_timeouts.
describe("timeout", () => {
  timed(
    "interrupts its body, which sees a CancelledError, and throws a TimeoutError at its edge (basic, waiter_cancelled)",
    async () => {
      let seen: unknown;
      let block!: Timeout;
      const error = await caught(
        timeout("10ms", async (given) => {
          block = given;
          await sleepForever().catch((thrown: unknown) => {
            seen = thrown;
            throw thrown;
          });
        }),
      );
      assert.ok(error instanceof TimeoutError);
      assert.ok(isCancelled(seen));
      assert.equal(error.cause, seen);
      assert.deepEqual([block.expired(), getRunningLoop().time()], [true, 10]);
    },
  );

  test("names in its error's stack the call of timeout", async () => {
    const error = await caught(
      (async function loadThePage() {
        await timeout(1, () => sleepForever());
      })(),
    );
    assert.match((error as Error).stack ?? "", /loadThePage/);
    assert.equal((error as Error).message, "timeout(1) expired");
  });

  timed("does nothing when the body is in time; when() reports the deadline (timeout_not_called)", async () => {
    const value = await timeout("10s", async (block) => {
      assert.equal(block.when(), 10_000);
      await sleep(1);
      return "in time";
    });
    assert.equal(value, "in time");
    await sleep("20s");
    await checkpoint();
  });

  timed("leaves a value of a body that returns one although it was cancelled", async () => {
    const value = await timeout(1, () => sleepForever().catch(() => "fallback"));
    assert.equal(value, "fallback");
  });

  timed("at a moment, and with none (at_basic, timeout_disabled)", async () => {
    await sleep(5);
    const error = await caught(timeoutAt(8, () => sleepForever()));
    assert.ok(error instanceof TimeoutError);
    assert.equal(getRunningLoop().time(), 8);
    const value = await timeoutAt(null, async (block) => {
      assert.equal(block.when(), null);
      return sleep("1h", "no deadline");
    });
    assert.equal(value, "no deadline");
    assert.equal(await timeout(Infinity, () => sleep("1h", "never")), "never");
  });

  for (const deadline of [0, -5]) {
    timed(
      `of ${deadline} strikes at the first wait, even one of length zero (timeout_zero, in_the_past_sleep_zero)`,
      async () => {
        let reached = false;
        const error = await caught(
          timeout(deadline, async () => {
            reached = true;
            await sleep(0);
            assert.fail("not reached");
          }),
        );
        assert.ok(error instanceof TimeoutError);
        assert.equal(reached, true);
      },
    );
  }

  timed("lets the outermost of nested ones with one deadline win; both have expired (nested_timeouts)", async () => {
    const blocks: Timeout[] = [];
    const inner = new Set<unknown>();
    const error = await caught(
      timeoutAt(10, async (outer) => {
        blocks.push(outer);
        await timeoutAt(10, async (nested) => {
          blocks.push(nested);
          await sleepForever();
        }).catch((thrown: unknown) => {
          inner.add(thrown);
          throw thrown;
        });
      }),
    );
    assert.ok(error instanceof TimeoutError);
    assert.ok([...inner].every(isCancelled));
    assert.deepEqual(
      blocks.map((block) => block.expired()),
      [true, true],
    );
  });

  test("lets the outer of two nested ones win that both passed while the thread was blocked (nested_timeouts_loop_busy)", async () => {
    let inner: unknown;
    const error = await caught(
      timeout(2, async () => {
        const nested = timeout(1, async () => {
          const waiting = sleepForever();
          const end = performance.now() + 4;
          while (performance.now() < end);
          await waiting;
        });
        inner = await caught(nested);
        throw inner;
      }),
    );
    assert.ok(isCancelled(inner));
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.message, "timeout(2) expired");
  });

  timed("passes an error of its body on, and has not expired then (foreign_exception_passed)", async () => {
    let block!: Timeout;
    const error = new Error("no");
    const failing = timeout(10, async (given) => {
      block = given;
      throw error;
    });
    assert.equal(await caught(failing), error);
    assert.equal(block.expired(), false);
  });

  timed("gives way to an error of the clean-up (foreign_exception_on_timeout)", async () => {
    const error = new Error("clean-up");
    assert.equal(await caught(timeout(1, () => sleepForever().catch(() => Promise.reject(error)))), error);
  });

  timed("lets a cancellation from elsewhere through (foreign_cancel_doesnt_timeout_if_not_expired)", async () => {
    const task = createTask(() => timeout("1h", () => sleepForever()));
    await sleep(1);
    task.cancel();
    assert.ok(isCancelled(await caught(task)));
    assert.equal(task.cancelled(), true);
  });

  timed("leaves the task healthy once its error was caught (outer_task_is_not_cancelled)", async () => {
    const task = createTask(async () => {
      await caught(timeout(1, () => sleepForever()));
      await sleep(1);
      return "healthy";
    });
    assert.equal(await task, "healthy");
  });

  timed("can be moved and removed while its body runs (reschedule)", async () => {
    const error = await caught(
      timeout("1h", async (block) => {
        block.reschedule(null);
        assert.equal(block.when(), null);
        await sleep("2h");
        block.reschedule(getRunningLoop().time() + 5);
        await sleep("1s");
      }),
    );
    assert.ok(error instanceof TimeoutError);
    assert.equal(getRunningLoop().time(), 7_200_005);
  });

  timed("cannot be moved once it has expired or ended (expired, finished)", async () => {
    let block!: Timeout;
    await timeout(5, async (given) => void (block = given));
    assert.throws(() => block.reschedule(10), InvalidStateError);
    const expired = timeout(1, async (given) => {
      await sleepForever().catch(() => given.reschedule(10));
    });
    assert.ok((await caught(expired)) instanceof InvalidStateError);
  });

  timed("works by itself in the shielded clean-up of an expired one (nested_timeout_in_finally)", async () => {
    let inner: unknown;
    const error = await caught(
      timeout(1, async () => {
        try {
          await sleepForever();
        } finally {
          await shield(async () => {
            inner = await caught(timeout(2, () => sleepForever()));
          });
        }
      }),
    );
    assert.ok(error instanceof TimeoutError && inner instanceof TimeoutError);
    assert.deepEqual([error.message, inner.message], ["timeout(1) expired", "timeout(2) expired"]);
  });

  timed("around a group whose child fails in its clean-up gives way to that failure (timeout_taskgroup)", async () => {
    const error = new Error("clean-up");
    const failing = timeout(1, () =>
      taskGroup((group) => void group.createTask(() => sleepForever().catch(() => Promise.reject(error)))),
    );
    assert.equal(await caught(failing), error);
  });

  test("around withSignal over a foreign timer gives a TimeoutError, whatever the timer threw", async () => {
    let foreign: unknown;
    const error = await caught(
      timeout(1, () =>
        withSignal(async (signal) => {
          await foreignTimeout(3_600_000, undefined, { signal }).catch((thrown: unknown) => {
            foreign = thrown;
            throw thrown;
          });
        }),
      ),
    );
    assert.equal((foreign as Error).name, "AbortError");
    assert.ok(error instanceof TimeoutError);
  });

  test("refuses what is no duration, and no function, before anything runs", async () => {
    await assert.rejects(
      timeout("soon" as never, () => assert.fail("never called")),
      /timeout: expected milliseconds/,
    );
    await assert.rejects(
      timeout(Number.NaN, () => assert.fail("never called")),
      RangeError,
    );
    await assert.rejects(timeout(1, undefined as never), TypeError);
  });
});

describe("currentDeadline", () => {
  timed("is the earliest in force, or null; a shield hides those outside", async () => {
    assert.equal(currentDeadline(), null);
    await timeout("10s", async () => {
      await timeout("20s", async () => {
        assert.equal(currentDeadline(), 10_000);
        await shield(async () => assert.equal(currentDeadline(), null));
      });
    });
  });
});

describe("moveOnAfter", () => {
  timed("moves on without an error, with the fallback or undefined, once the body has ended", async () => {
    const events: string[] = [];
    const body = async (): Promise<string> => {
      try {
        return await sleep("1h", "value");
      } finally {
        await shield(() => sleep(5));
        events.push("unwound");
      }
    };
    assert.equal(await moveOnAfter(1, body), undefined);
    assert.equal(await moveOnAfter(1, body, "fallback"), "fallback");
    assert.deepEqual(events, ["unwound", "unwound"]);
    assert.equal(await moveOnAfter("2h", body, "fallback"), "value");
  });

  timed("throws errors of its body, and a cancellation from further out", async () => {
    await assert.rejects(
      moveOnAfter(1, () => Promise.reject(new Error("no"))),
      /no/,
    );
    const error = await caught(
      timeout(5, async () => {
        await moveOnAfter(5, () => sleepForever());
        assert.fail("not reached: the outer one wins");
      }),
    );
    assert.ok(error instanceof TimeoutError);
  });

  timed("ends a loop that waits for what is always there", async () => {
    let rounds = 0;
    await moveOnAfter(0, async () => {
      for (;;) {
        await checkpoint();
        rounds += 1;
      }
    });
    assert.equal(rounds, 0);
  });
});

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
      seen = await caught(waiting);
      throw seen;
    });
    assert.ok(seen instanceof CancelledError && seen.reason === reason && seen.cause === reason);
    assert.equal(await cancelScope({ signal: controller.signal }, () => sleep(1, "not reached")), undefined);
  });
});
