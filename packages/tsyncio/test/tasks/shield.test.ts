import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import {
  cancelScope,
  checkpoint,
  createTask,
  currentRun,
  Future,
  gather,
  getRunningLoop,
  isCancelled,
  run,
  shield,
  sleep,
  sleepForever,
  type Task,
  throwIfCancelled,
  timeout,
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

const now = (): number => getRunningLoop().time();

describe("shield", () => {
  timed(
    "passes result, error and inner cancellation through [test_tasks: test_shield_result, test_shield_exception, test_shield_cancel_inner]",
    async () => {
      assert.equal(await shield(() => sleep(1, "value")), "value");
      await assert.rejects(
        shield(() => Promise.reject(new Error("no"))),
        /no/,
      );
      assert.equal(await shield(createTask(() => sleep(1, 1))), 1);
      const inner = createTask(() => sleepForever());
      const outer = createTask(() => shield(inner));
      await sleep(1);
      inner.cancel("inner");
      const error = await caught(outer);
      assert.ok(isCancelled(error) && error.reason === "inner");
      assert.deepEqual([inner.cancelled(), outer.cancelled()], [true, false]);
    },
  );

  timed("of what is done already yields its result [test_tasks: test_shield_shortcut]", async () => {
    const future = new Future<number>();
    future.setResult(42);
    assert.equal(await shield(future), 42);
    assert.equal(now(), 0);
  });

  timed("lets its body wait in a cancelled scope; the cancellation strikes at the next wait outside", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      await shield(async () => {
        throwIfCancelled();
        await sleep("1s");
      });
      assert.equal(now(), 1_000);
      assert.throws(throwIfCancelled, isCancelled);
      assert.ok(isCancelled(await caught(checkpoint())));
    });
  });

  timed("holds a cancellation off that comes while its body waits [test_tasks: test_shield_effect]", async () => {
    const proof: string[] = [];
    const outer = createTask(async () => {
      await shield(async () => {
        await sleep("1s");
        proof.push("inner");
      });
      proof.push("outer");
      await checkpoint();
      proof.push("not reached");
    });
    await sleep(10);
    outer.cancel();
    assert.ok(isCancelled(await caught(outer)));
    assert.deepEqual([proof, outer.cancelled(), now()], [["inner", "outer"], true, 1_000]);
  });

  timed(
    "ends its waiting for a task when the grace is over, and leaves that task alone [test_tasks: test_shield_cancel_outer]",
    async () => {
      const future = new Future<string>();
      const inner = createTask(() => future);
      const outer = createTask(() => shield(inner, { grace: "2s" }));
      await sleep(1);
      outer.cancel();
      assert.ok(isCancelled(await caught(outer)));
      assert.deepEqual([outer.cancelled(), inner.done(), now()], [true, false, 2_001]);
      future.setResult("later");
      assert.equal(await inner, "later");
    },
  );

  timed(
    "around a gather protects it, and inside one its job only [test_tasks: test_shield_gather, test_gather_shield]",
    async () => {
      const work = (): Promise<number> => sleep("1s", 1);
      let around: readonly number[] | undefined;
      const outside = createTask(async () => {
        around = await shield(() => gather([work, work]));
      });
      const ends: string[] = [];
      const inside = createTask(() =>
        gather([
          () => shield(work).finally(() => ends.push(`shielded at ${now()}`)),
          () => work().finally(() => ends.push(`bare at ${now()}`)),
        ]),
      );
      await sleep(1);
      for (const task of [outside, inside]) task.cancel();
      assert.ok(isCancelled(await caught(inside)));
      assert.deepEqual(ends, ["bare at 1", "shielded at 1000"]);
      await outside;
      assert.deepEqual(around, [1, 1]);
    },
  );

  describe("of a task that fails when the grace is over", () => {
    const failsLater = (): Task<never> =>
      createTask(
        async () => {
          await sleep("1m");
          throw new Error("too late");
        },
        { name: "saving" },
      );
    const leave = async (task: Task<never>): Promise<void> => {
      const outer = createTask(() => shield(task, { grace: "2s" }));
      await sleep(1);
      outer.cancel();
      assert.ok(isCancelled(await caught(outer)));
    };

    timed(
      "tells the loop's exceptionHandler, once [test_tasks: test_shield_cancel_outer_exception, test_shield_duplicate_log_once]",
      async () => {
        const loop = getRunningLoop();
        const told: unknown[] = [];
        loop.exceptionHandler = ({ message, error }) => told.push(message, String(error));
        const task = failsLater();
        await leave(task);
        await leave(task);
        assert.match(String(await caught(task)), /too late/);
        assert.deepEqual(told, ["saving failed after the grace of its shield was over", "Error: too late"]);
      },
    );

    timed(
      "warns without one, and says nothing when it ends well or was cancelled [test_tasks: test_shield_cancel_outer_result]",
      async () => {
        const warn = mock.method(process, "emitWarning", () => {});
        const task = failsLater();
        await leave(task);
        await caught(task);
        const cancelled = failsLater();
        await leave(cancelled);
        await cancelled.cancelAndWait();
        const endsWell = createTask(() => sleep("1m", 1 as never));
        await leave(endsWell);
        await endsWell;
        const warned = warn.mock.calls.map((call) => call.arguments as unknown[]);
        warn.mock.restore();
        assert.deepEqual(
          warned.map(([message, options]) => [message, (options as { code: string }).code]),
          [["saving failed after the grace of its shield was over: Error: too late", "TSYNCIO_UNRETRIEVED"]],
        );
      },
    );
  });

  timed(
    "tells the exceptionHandler in debug mode where such a task was made [test_tasks: test_task_source_traceback]",
    async () => {
      const made: unknown[] = [];
      const main = async (): Promise<void> => {
        getRunningLoop().exceptionHandler = ({ future, createdAt }) => made.push(future, createdAt?.[0]?.function);
        const task = createTask(() => sleep(5).then(() => Promise.reject(new Error("too late"))));
        const outer = createTask(() => shield(task, { grace: 1 }));
        await sleep(1);
        outer.cancel();
        await caught(outer);
        await caught(task);
        assert.equal(made[0], task);
      };
      await run(main, { debug: true, signals: [] });
      assert.equal(made[1], "main");
    },
  );

  timed("lets nested scopes inside be cancelled as ever", async () => {
    await shield(async () => {
      assert.ok(isCancelled(((await caught(timeout(1, () => sleepForever()))) as Error).cause));
    });
  });

  timed("protects for its grace, counted from the cancellation", async () => {
    await cancelScope(async (scope) => {
      const shielded = shield(() => sleepForever(), { grace: "2s" });
      await sleep("5s");
      scope.cancel();
      assert.ok(isCancelled(await caught(shielded)));
      assert.equal(now(), 7_000);
    });
  });

  timed("counts its grace from the entry when the cancellation came before", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      await new Promise((resolve) => setImmediate(resolve));
      for (const end of [2_000, 4_000]) {
        assert.ok(isCancelled(await caught(shield(() => sleepForever(), { grace: "2s" }))));
        assert.equal(now(), end);
      }
    });
  });

  timed("has the run's grace by default: ten seconds", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      await caught(shield(() => sleepForever()));
      assert.equal(now(), 10_000);
    });
    const short = run(
      async () => {
        await cancelScope(async (scope) => {
          scope.cancel();
          await caught(shield(() => sleepForever()));
        });
      },
      { grace: "1s", signals: [] },
    );
    await short;
    assert.equal(now(), 11_000);
  });

  timed("without an end (Infinity) protects as long as nothing outside bounds it", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      assert.equal(await shield(() => sleep("30h", "patient"), { grace: Infinity }), "patient");
    });
  });

  timed("of zero protects from nothing", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      assert.ok(isCancelled(await caught(shield(() => sleep(1), { grace: 0 }))));
      assert.equal(now(), 0);
    });
  });

  timed("never reaches past the grace of the run that is cancelled", async () => {
    const bounded = run(
      async () => {
        const shielded = shield(() => sleepForever(), { grace: Infinity });
        currentRun().cancel();
        await shielded;
      },
      { grace: "3s", signals: [] },
    );
    assert.ok(isCancelled(await caught(bounded)));
    assert.equal(now(), 3_000);
  });

  timed("never reaches past an enclosing shield's, also when its own grace began before that one's", async () => {
    await cancelScope(async (outer) => {
      const protectedWork = shield(
        () =>
          cancelScope(async (inner) => {
            const innermost = shield(() => sleepForever(), { grace: "60s" });
            inner.cancel();
            await sleep(1).catch(() => {});
            await innermost;
          }),
        { grace: "5s" },
      );
      await sleep("1s");
      outer.cancel();
      assert.ok(isCancelled(await caught(protectedWork)));
      assert.equal(now(), 6_000);
    });
  });

  timed("keeps its grace to itself: a shield inside has the run's", async () => {
    const inside = (): Promise<void> =>
      cancelScope(async (scope) => {
        scope.cancel();
        await caught(shield(() => sleepForever()));
      });
    await shield(inside, { grace: "1s" });
    assert.equal(now(), 10_000);
  });

  timed("keeps its grace when a second cancellation comes from further out", async () => {
    await cancelScope(async (outer) => {
      await cancelScope(async (inner) => {
        const shielded = shield(() => sleepForever(), { grace: "5s" });
        inner.cancel();
        setTimeoutIn("2s", () => outer.cancel());
        const error = await caught(shielded);
        assert.ok(isCancelled(error) && error.scope === outer, "and then the outer one is in force");
        assert.equal(now(), 5_000);
        throw error;
      });
      assert.fail("not reached");
    });
  });

  function setTimeoutIn(delay: "2s", callback: () => void): void {
    getRunningLoop().callLater(delay, callback);
  }
});
