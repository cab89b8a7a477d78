import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as foreignTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import {
  checkpoint,
  createTask,
  currentTask,
  getRunningLoop,
  InvalidStateError,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  type Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
  withSignal,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { groupForms } from "./group-forms.ts";
import { rejection } from "./rejection.ts";

/** A test in virtual time, which starts at 0. */
function timed(name: string, body: () => Promise<void>): void {
  void test(name, () => simulate(body));
}

describe("a timeout that expires", () => {
  timed("interrupts its body, and throws a TimeoutError at its edge [test_timeouts: test_timeout_basic]", async () => {
    let block!: Timeout;
    const error = await rejection(
      timeout(10, async (given) => {
        block = given;
        await sleep("10s");
      }),
    );
    assert.ok(error instanceof TimeoutError);
    assert.deepEqual([error.message, block.expired(), getRunningLoop().time()], ["timeout(10) expired", true, 10]);
  });

  timed("can have a moment for a deadline, which when() tells [test_timeouts: test_timeout_at_basic]", async () => {
    await sleep(5);
    let block!: Timeout;
    const error = await rejection(
      timeoutAt(8, async (given) => {
        block = given;
        await sleep("10s");
      }),
    );
    assert.ok(error instanceof TimeoutError);
    assert.deepEqual([block.expired(), block.when(), getRunningLoop().time()], [true, 8, 8]);
  });

  timed(
    "shows its body a CancelledError, the cause of the TimeoutError [test_timeouts: test_waiter_cancelled]",
    async () => {
      let seen: unknown;
      const error = await rejection(
        timeout(10, async () => {
          seen = await rejection(sleep("10s"));
          throw seen;
        }),
      );
      assert.ok(isCancelled(seen));
      assert.equal((error as Error).cause, seen);
    },
  );

  test("names in its error's stack the call of timeout", async () => {
    const error = await rejection(
      (async function loadThePage() {
        await timeout(1, () => sleepForever());
      })(),
    );
    assert.match((error as Error).stack ?? "", /loadThePage/);
  });

  for (const [deadline, wait, names] of [
    [0, "10s", "[test_timeouts: test_timeout_zero]"],
    [0, 0, "[test_timeouts: test_timeout_zero_sleep_zero]"],
    [-11, 0, "[test_timeouts: test_timeout_in_the_past_sleep_zero]"],
  ] as const) {
    timed(`strikes at the first wait if it has ${deadline} ms, when that is sleep(${wait}) ${names}`, async () => {
      await sleep(20);
      const reached: string[] = [];
      let block!: Timeout;
      const error = await rejection(
        timeout(deadline, async (given) => {
          block = given;
          reached.push("body");
          await sleep(wait);
          reached.push("after the wait");
        }),
      );
      assert.ok(error instanceof TimeoutError);
      assert.deepEqual([reached, block.expired(), block.when()], [["body"], true, 20 + deadline]);
    });
  }

  timed(
    "leaves the task healthy once its error was caught [test_timeouts: test_outer_task_is_not_cancelled]",
    async () => {
      const task = createTask(async () => {
        await rejection(timeout(1, () => sleep("10s")));
        await sleep(1);
      });
      await task;
      assert.deepEqual([task.cancelled(), task.done()], [false, true]);
    },
  );

  timed("leaves the value of a body that returns one although it was cancelled", async () => {
    let block!: Timeout;
    const value = await timeout(1, (given) => {
      block = given;
      return sleepForever().catch(() => "fallback");
    });
    assert.deepEqual([value, block.expired()], ["fallback", true]);
  });

  timed(
    "gives way to an error of the clean-up, which is thrown as it is [test_timeouts: test_foreign_exception_on_timeout, test_foreign_exception_on_timeout_2]",
    async () => {
      const error = new Error("clean-up");
      let block!: Timeout;
      const failing = timeout(1, async (given) => {
        block = given;
        try {
          await sleep("10s");
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- replaces the cancellation, as a failing clean-up does
          throw error;
        }
      });
      assert.equal(await rejection(failing), error);
      assert.deepEqual([block.expired(), error.cause, "suppressed" in error], [true, undefined, false]);
    },
  );

  timed(
    "while its body handles another error replaces that one; the cause is the cancellation only [test_timeouts: test_timeout_exception_context]",
    async () => {
      const error = await rejection(
        timeout(1, async () => {
          try {
            throw new Error("handled");
          } finally {
            await sleep("10s");
          }
        }),
      );
      assert.ok(error instanceof TimeoutError && isCancelled(error.cause));
      assert.equal(error.cause.cause, undefined);
    },
  );

  for (const { title, child, group: openGroup, failuresIn } of groupForms) {
    timed(
      `around a group whose child fails in its clean-up gives way to that failure (${title}) [test_timeouts: test_timeout_taskgroup]`,
      async () => {
        const error = new Error("clean-up");
        const failing = timeout(1, () =>
          openGroup(async (group) => {
            group.createTask(() => sleep("10s").catch(() => Promise.reject(error)), child);
            await sleep("10s");
          }),
        );
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
      },
    );
  }

  test("around withSignal over a foreign timer gives a TimeoutError, whatever the timer threw", async () => {
    let foreign: unknown;
    const error = await rejection(
      timeout(1, () =>
        withSignal(async (signal) => {
          foreign = await rejection(foreignTimeout(3_600_000, undefined, { signal }));
          throw foreign;
        }),
      ),
    );
    assert.equal((foreign as Error).name, "AbortError");
    assert.ok(error instanceof TimeoutError);
  });
});

describe("a timeout that does not expire", () => {
  timed("changes nothing; its deadline is still ahead [test_timeouts: test_timeout_not_called]", async () => {
    let block!: Timeout;
    const value = await timeout("10s", async (given) => {
      block = given;
      return sleep(10, "in time");
    });
    assert.deepEqual([value, block.expired(), block.when()], ["in time", false, 10_000]);
    await sleep("20s");
    await checkpoint();
    assert.equal(block.expired(), false);
  });

  timed("can be without a deadline [test_timeouts: test_timeout_disabled, test_timeout_at_disabled]", async () => {
    for (const open of [timeout, timeoutAt]) {
      let block!: Timeout;
      const value = await open(null, async (given) => {
        block = given;
        return sleep("1h", "no deadline");
      });
      assert.deepEqual([value, block.expired(), block.when()], ["no deadline", false, null]);
    }
    assert.equal(await timeout(Infinity, () => sleep("1h", "never")), "never");
  });

  timed("passes an error of its body on [test_timeouts: test_foreign_exception_passed]", async () => {
    const error = new Error("no");
    let block!: Timeout;
    const failing = timeout(10, async (given) => {
      block = given;
      throw error;
    });
    assert.equal(await rejection(failing), error);
    assert.equal(block.expired(), false);
  });

  timed(
    "lets a cancellation from elsewhere through [test_timeouts: test_foreign_cancel_doesnt_timeout_if_not_expired]",
    async () => {
      let block!: Timeout;
      const task = createTask(() =>
        timeout(10, async (given) => {
          block = given;
          currentTask()?.cancel();
          await sleep("10s");
        }),
      );
      assert.ok(isCancelled(await rejection(task)));
      assert.deepEqual([task.cancelled(), block.expired()], [true, false]);
    },
  );

  test("works without a task around it [test_timeouts: test_timeout_without_task]", async () => {
    assert.equal(currentTask(), undefined);
    assert.equal(await timeout("1h", () => sleep(0, "value")), "value");
  });
});

describe("a timeout's deadline", () => {
  timed("can be moved and removed by whoever holds the timeout [test_timeouts: test_reschedule]", async () => {
    let block!: Timeout;
    const task = createTask(() =>
      timeoutAt(10, async (given) => {
        block = given;
        await sleep(50);
      }),
    );
    await sleep(1);
    assert.equal(block.when(), 10);
    block.reschedule(30);
    assert.equal(block.when(), 30);
    await sleep(20);
    block.reschedule(null);
    assert.equal(block.when(), null);
    await sleep(20);
    task.cancel();
    assert.ok(isCancelled(await rejection(task)));
    assert.equal(block.expired(), false);
  });

  timed("strikes where it was moved to, at once if that has passed", async () => {
    const later = rejection(
      timeout("1h", async (block) => {
        block.reschedule(null);
        await sleep("2h");
        block.reschedule(getRunningLoop().time() + 5);
        await sleep("1s");
      }),
    );
    assert.ok((await later) instanceof TimeoutError);
    assert.equal(getRunningLoop().time(), 7_200_005);
    const past = rejection(
      timeout("1h", async (block) => {
        block.reschedule(0);
        await sleep(0);
      }),
    );
    assert.ok((await past) instanceof TimeoutError);
    assert.equal(getRunningLoop().time(), 7_200_005);
  });

  timed(
    "cannot be moved any more when it has expired or its body has ended [test_timeouts: test_timeout_expired, test_timeout_expiring, test_timeout_finished]",
    async () => {
      let block!: Timeout;
      const refused = (what: string): void =>
        assert.throws(
          () => block.reschedule(10),
          new InvalidStateError(`reschedule: ${what}: its deadline cannot be moved any more`),
        );
      await timeout(5, async (given) => void (block = given));
      refused("timeout(5) is finished");
      await timeout(1, async (given) => {
        block = given;
        await rejection(sleepForever());
        refused("timeout(1) is expiring");
      });
      refused("timeout(1) is expired");
      const wrong = timeout(1, (given) => given.reschedule(Number.NaN));
      assert.match(String(await rejection(wrong)), /reschedule: expected a number of milliseconds, got NaN/);
    },
  );

  timed(
    "and how far the timeout is can be read and is printed [test_timeouts: test_repr_active, test_repr_expired, test_repr_finished, test_repr_disabled]",
    async () => {
      const seen: string[] = [];
      let block!: Timeout;
      const look = (): void => void seen.push(`${block.state}: ${inspect(block)}`);
      await timeout("10s", async (given) => {
        block = given;
        look();
        given.reschedule(null);
        look();
        given.reschedule(20);
      });
      look();
      const expired = timeoutAt(1, async (given) => {
        block = given;
        await sleepForever().finally(look);
      });
      await rejection(expired);
      look();
      assert.deepEqual(seen, [
        "active: <timeout(10s) active until 10000>",
        "disabled: <timeout(10s) disabled>",
        "finished: <timeout(10s) finished>",
        "expiring: <timeoutAt expiring>",
        "expired: <timeoutAt expired>",
      ]);
    },
  );

  test("is refused if it is no duration, and so is a body that is no function, before anything runs", async () => {
    const never = (): never => assert.fail("never called");
    assert.match(String(await rejection(timeout("soon" as never, never))), /timeout: expected milliseconds/);
    assert.ok((await rejection(timeout(Number.NaN, never))) instanceof RangeError);
    assert.ok((await rejection(timeout(undefined as never, never))) instanceof RangeError);
    assert.ok((await rejection(timeout(1, undefined as never))) instanceof TypeError);
  });
});

describe("a timeout in a scope that is cancelled", () => {
  timed(
    "works by itself in the shielded clean-up of one that has expired [test_timeouts: test_nested_timeout_in_finally]",
    async () => {
      let inner: unknown;
      const error = await rejection(
        timeout(1, async () => {
          try {
            await sleepForever();
          } finally {
            await shield(async () => {
              inner = await rejection(timeout(2, () => sleepForever()));
            });
          }
        }),
      );
      assert.ok(error instanceof TimeoutError && inner instanceof TimeoutError);
      assert.deepEqual([error.message, inner.message], ["timeout(1) expired", "timeout(2) expired"]);
      assert.notEqual(inner.cause, error.cause);
    },
  );

  timed(
    "throws the cancellation in force, until it is shielded from that [test_timeouts: test_timeout_after_cancellation]",
    async () => {
      const seen: unknown[] = [];
      const task = createTask(async () => {
        await rejection(sleepForever());
        seen.push(await rejection(timeout(0, () => sleep(1))));
        await shield(async () => {
          seen.push(await rejection(timeout(0, () => sleep(1))));
        });
      });
      await sleep(1);
      task.cancel();
      await task;
      assert.ok(isCancelled(seen[0]) && seen[1] instanceof TimeoutError);
    },
  );

  timed(
    "is not reached by a second cancel of that scope, which is one already [test_timeouts: test_cancel_in_timeout_after_cancellation]",
    async () => {
      const task = createTask(async () => {
        await rejection(sleepForever());
        const again = timeout("1s", async () => {
          assert.equal(currentTask()?.cancel("again"), false);
          await sleep("2s");
        });
        const error = await rejection(again);
        assert.ok(isCancelled(error) && error.reason === "first");
        throw error;
      });
      await sleep(1);
      task.cancel("first");
      await rejection(task);
      assert.deepEqual([task.cancelled(), getRunningLoop().time()], [true, 1]);
    },
  );
});
