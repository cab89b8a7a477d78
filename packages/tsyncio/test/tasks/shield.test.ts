import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cancelScope,
  checkpoint,
  createTask,
  currentRun,
  getRunningLoop,
  isCancelled,
  run,
  shield,
  sleep,
  sleepForever,
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
  timed("passes result and error through (test_tasks: shield_result, exception)", async () => {
    assert.equal(await shield(() => sleep(1, "value")), "value");
    await assert.rejects(
      shield(() => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.equal(await shield(createTask(() => 1)), 1);
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

  timed("holds a cancellation off that comes while its body waits (shield_effect)", async () => {
    await cancelScope(async (scope) => {
      const shielded = shield(() => sleep("1s", "done"));
      await sleep(10);
      scope.cancel();
      assert.equal(await shielded, "done");
    });
  });

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
