import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cancelScope,
  type CancelScope,
  CancelledError,
  checkpoint,
  createTask,
  Future,
  gather,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  taskGroup,
  throwIfCancelled,
  timeout,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const rejected = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => assert.fail("expected a rejection"),
    (error: unknown) => error,
  );

describe("a cancelled scope", () => {
  test("rejects every wait from then on, also after the cancellation was caught", async () => {
    const errors: unknown[] = [];
    await cancelScope(async (scope) => {
      scope.cancel();
      for (let i = 0; i < 3; i += 1) errors.push(await rejected(sleep("1h")));
      errors.push(await rejected(checkpoint()), await rejected(new Future()), await rejected(sleepForever()));
    });
    assert.equal(errors.length, 6);
    assert.ok(
      errors.every((error) => isCancelled(error) && error === errors[0]),
      "one shared error",
    );
  });

  test("rejects also operations that need not wait", async () => {
    const done = new Future<number>();
    done.setResult(1);
    await cancelScope(async (scope) => {
      scope.cancel();
      assert.ok(isCancelled(await rejected(done)));
      assert.ok(isCancelled(await rejected(sleep(0))));
    });
  });

  test("can be seen without waiting", async () => {
    await cancelScope(async (scope) => {
      throwIfCancelled();
      assert.equal(scope.cancelled, false);
      assert.equal(scope.cancel("because"), true);
      assert.equal(scope.cancelled, true);
      assert.throws(throwIfCancelled, (error) => isCancelled(error) && error.reason === "because");
    });
    throwIfCancelled();
  });

  test("is cancelled once; the second cancel changes nothing and says so", async () => {
    await cancelScope(async (scope) => {
      assert.deepEqual([scope.cancel("first"), scope.cancel("second")], [true, false]);
      const error = (await rejected(sleep(1))) as CancelledError;
      assert.equal(error.reason, "first");
    });
  });

  test("is left again: what comes after waits undisturbed", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      await sleep(1);
    });
    await sleep(0);
    throwIfCancelled();
  });

  test("cannot be cancelled after its end", async () => {
    let left!: CancelScope;
    await cancelScope((scope) => void (left = scope));
    assert.equal(left.cancel(), false);
  });

  test("tells in its error the scope, the reason and who cancelled; the stack is the canceller's", async () => {
    await taskGroup(async (group) => {
      let target!: CancelScope;
      const victim = group.createTask(() =>
        cancelScope({ name: "the search" }, async (scope) => {
          target = scope;
          return (await rejected(sleepForever())) as CancelledError;
        }),
      );
      group.createTask(
        async function stopTheSearch() {
          target.cancel("found elsewhere");
        },
        { name: "winner" },
      );
      const error = await victim;
      assert.ok(error instanceof CancelledError);
      assert.equal(error.scope, target);
      assert.equal(error.scope.name, "the search");
      assert.equal(error.reason, "found elsewhere");
      assert.equal(error.cancelledBy, "winner");
      assert.equal(error.code, "ABORT_ERR");
      assert.equal(error.message, "the search was cancelled: found elsewhere");
      assert.match(error.stack ?? "", /stopTheSearch/);
    });
  });

  test("leaves a non-string reason as it is, an absent one absent, and makes an Error its cause", async () => {
    const error = async (...reason: unknown[]): Promise<CancelledError> => {
      let caught: unknown;
      await cancelScope(async (scope) => {
        scope.cancel(...reason);
        caught = await rejected(sleep(1));
      });
      return caught as CancelledError;
    };
    const reason = { code: 7 };
    assert.equal((await error(reason)).reason, reason);
    assert.equal((await error()).reason, undefined);
    assert.equal((await error()).message, "cancelScope was cancelled");
    const cause = new Error("disk full");
    assert.equal((await error(cause)).cause, cause);
    assert.equal((await error("text")).cause, undefined);
  });

  test("is never written to: a frozen shared error does all the ways", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      Object.freeze(await rejected(sleep(1)));
      const group = taskGroup(async (children) => {
        children.createTask(() => sleepForever());
        children.createTask(() => Promise.reject(new Error("other")));
        await sleepForever();
      });
      await rejected(group);
      await rejected(gather([() => sleepForever(), () => sleepForever()]));
    });
  });
});

describe("the outermost cancellation", () => {
  for (const order of ["outer first", "inner first"] as const) {
    test(`wins in one tick, ${order}`, async () => {
      const events: string[] = [];
      await cancelScope({ name: "outer" }, async (outer) => {
        const inner = cancelScope({ name: "inner" }, async (scope) => {
          const waiting = sleepForever();
          if (order === "outer first") outer.cancel();
          scope.cancel();
          outer.cancel();
          await waiting;
        });
        const error = (await rejected(inner)) as CancelledError;
        events.push(error.scope.name);
        throw error;
      });
      assert.deepEqual(events, ["outer"]);
    });
  }

  test("replaces an inner one that is under way, at the edge of the inner scope", () =>
    simulate(async () => {
      await cancelScope({ name: "outer" }, async (outer) => {
        const inner = timeout("1s", async () => {
          try {
            await sleepForever();
          } finally {
            outer.cancel();
          }
        });
        const error = (await rejected(inner)) as CancelledError;
        assert.equal(error.scope.name, "outer");
        throw error;
      });
    }));
});

describe("whose cancellation it is", () => {
  test("a task is cancelled if its body throws the cancellation in force, its own or inherited", async () => {
    const own = createTask(() => sleepForever());
    await sleep(0);
    own.cancel();
    await rejected(own);
    assert.equal(own.cancelled(), true);
    await taskGroup(async (group) => {
      const inherited = group.createTask(() => sleepForever());
      await sleep(0);
      group.cancel();
      await rejected(shield(inherited));
      assert.equal(inherited.cancelled(), true);
    });
  });

  test("the CancelledError of any other scope is an ordinary failure", async () => {
    const other = createTask(() => sleepForever());
    await sleep(0);
    other.cancel();
    const error = await rejected(other);
    const task = createTask(async () => {
      throw error;
    });
    await rejected(task);
    assert.deepEqual([task.cancelled(), task.exception()], [false, error]);
    const group = taskGroup((children) => void children.createTask(() => Promise.reject(error as Error)));
    assert.equal(await rejected(group), error);
  });

  test("an enclosing cancellation that a shield holds off is not in force behind it", async () => {
    const events: unknown[] = [];
    await cancelScope(async (scope) => {
      scope.cancel();
      const outside = await rejected(sleep(1));
      await shield(async () => {
        const task = createTaskIn(() => Promise.reject(outside));
        events.push((await rejected(task)) === outside);
        const group = taskGroup(() => Promise.reject(outside as Error));
        events.push((await rejected(group)) === outside);
      });
    });
    assert.deepEqual(events, [true, true]);
  });

  function createTaskIn(body: () => Promise<never>): Promise<unknown> {
    return taskGroup(async (group) => {
      const task = group.createTask(body);
      await task;
    });
  }
});

describe("a plain promise that nobody awaits", () => {
  const until = new Future<string>();

  test("waits on in the nearest enclosing scope when its own is left normally", async () => {
    let left!: Promise<unknown>;
    await cancelScope(async (outer) => {
      await cancelScope(async () => {
        left = until.then();
      });
      await sleep(0);
      outer.cancel();
      const error = (await rejected(left)) as CancelledError;
      assert.equal(error.scope, outer);
    });
  });

  test("skips scopes that ended, and combinators", async () => {
    let left!: Promise<unknown>;
    await cancelScope(async (outer) => {
      await gather([
        async () => {
          await timeout("1h", async () => {
            left = until.then();
          });
        },
      ]);
      await sleep(0);
      outer.cancel();
      const error = (await rejected(left)) as CancelledError;
      assert.equal(error.scope, outer);
    });
  });

  test("goes on, with all that it does later, in that scope", async () => {
    const gate = new Future<void>();
    let left!: Promise<unknown>;
    await cancelScope(async (outer) => {
      await cancelScope(async () => {
        left = (async () => {
          await gate;
          await sleepForever();
        })();
      });
      gate.setResult();
      await sleep(0);
      outer.cancel();
      const error = (await rejected(left)) as CancelledError;
      assert.equal(error.scope, outer);
    });
  });

  test("stays cut for all that it does later when a cancellation cut it", async () => {
    let later: unknown;
    let left!: Promise<unknown>;
    await cancelScope(async (scope) => {
      left = (async () => {
        await sleepForever().catch(() => {});
        await new Promise((resolve) => setImmediate(resolve));
        later = await rejected(sleep("1h"));
      })();
      scope.cancel();
    });
    await left;
    assert.ok(isCancelled(later));
  });

  test("finishes as ever when nobody cancels it", async () => {
    let left!: Promise<string>;
    await timeout("1h", async () => {
      left = sleep(1, "done");
    });
    assert.equal(await left, "done");
  });
});
