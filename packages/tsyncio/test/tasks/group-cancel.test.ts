import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  cancelScope,
  type CancelScope,
  CancelledError,
  checkpoint,
  createTask,
  Future,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  taskGroup,
  TimeoutError,
  timeout,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const caught = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

/** Runs a function as a task and cancels it once it waits. */
async function cancelled(
  body: () => Promise<unknown>,
  afterwards: () => void = () => {},
): Promise<{ readonly error: unknown; readonly cancelled: boolean }> {
  const task = createTask(body);
  // Some turns, on a busy machine: a child that has not started yet would never start.
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  task.cancel("from outside");
  afterwards();
  const error = await caught(task);
  return { error, cancelled: task.cancelled() };
}

for (const eager of [false, true]) {
  const options = { eager };
  describe(`a cancellation from outside, of a group whose children start ${eager ? "eagerly" : "later"}`, () => {
    test("at the end of the block reaches every child, waits for them, and goes on outward (cancellation, taskgroup_22)", async () => {
      const events: string[] = [];
      const outcome = await cancelled(() =>
        taskGroup((group) => {
          for (const name of ["a", "b"]) {
            group.createTask(async () => {
              try {
                await sleepForever();
              } finally {
                await shield(() => sleep(0));
                events.push(name);
              }
            }, options);
          }
        }),
      );
      assert.ok(outcome.error instanceof CancelledError && outcome.error.reason === "from outside");
      assert.deepEqual([outcome.cancelled, events], [true, ["a", "b"]]);
    });

    test("while the body waits is seen once by body and children (taskgroup_07, _17)", async () => {
      let seen = 0;
      const count = async (): Promise<void> => {
        await sleepForever().catch((error: unknown) => {
          seen += 1;
          throw error;
        });
      };
      const outcome = await cancelled(() =>
        taskGroup(async (group) => {
          group.createTask(count, options);
          await count();
        }),
      );
      assert.deepEqual([outcome.cancelled, seen], [true, 2]);
    });

    test("gives way to an error of a child's clean-up (taskgroup_08)", async () => {
      const error = new Error("clean-up");
      const outcome = await cancelled(() =>
        taskGroup(async (group) => {
          group.createTask(() => sleepForever().catch(() => Promise.reject(error)), options);
          await sleepForever();
        }),
      );
      assert.deepEqual(outcome, { error, cancelled: false });
    });

    test("that the body turns into its own error is that error (taskgroup_18)", async () => {
      const error = new Error("converted");
      const outcome = await cancelled(() =>
        taskGroup(async (group) => {
          group.createTask(() => sleepForever(), options);
          await sleepForever().catch(() => Promise.reject(error));
        }),
      );
      assert.deepEqual(outcome, { error, cancelled: false });
    });

    test("leaves the failure of a child that comes while the parent unwinds slowly (taskgroup_15, _16)", async () => {
      const error = new Error("meanwhile");
      const slow = (): Promise<unknown> =>
        taskGroup(async (group) => {
          group.createTask(async () => {
            await shield(() => sleep(3));
            throw error;
          }, options);
          await sleepForever().catch(async (cancellation: unknown) => {
            await shield(() => sleep(6));
            throw cancellation;
          });
        });
      assert.equal((await cancelled(slow)).error, error);
      assert.equal((await cancelled(() => createTask(slow).then())).error instanceof CancelledError, true);
      assert.equal((await cancelled(() => taskGroup((group) => void group.createTask(slow, options)))).error, error);
    });

    test("that comes with a failure: the failure is thrown, and the cancellation hits at the next wait (error_and_cancel)", async () => {
      const error = new Error("child");
      let handled: unknown;
      const task = createTask(async () => {
        try {
          await taskGroup((group) => {
            group.createTask(async () => {
              await sleep(0);
              task.cancel();
              throw error;
            }, options);
          });
        } catch (thrown) {
          handled = thrown;
        }
        await checkpoint();
      });
      assert.ok(isCancelled(await caught(task)));
      assert.deepEqual([handled, task.cancelled()], [error, true]);
    });

    test("leaves the value of a body whose children were done by then", async () => {
      let value: unknown;
      const task = createTask(async () => {
        value = await taskGroup(async (group) => {
          group.createTask(() => 1, options);
          await sleep(0);
          task.cancel();
          return "value";
        });
        await checkpoint();
      });
      await caught(task);
      assert.deepEqual([value, task.cancelled()], ["value", true]);
    });

    test("takes the body's value when a child was cut short", async () => {
      const outcome = await cancelled(() =>
        taskGroup((group) => {
          group.createTask(() => sleepForever(), options);
          return "value";
        }),
      );
      assert.ok(isCancelled(outcome.error));
    });
  });

  describe(`nested groups whose children start ${eager ? "eagerly" : "later"}`, () => {
    test("an inner failure during an outer cancellation is that failure (taskgroup_11, _12)", async () => {
      const error = new Error("inner");
      const outcome = await cancelled(() =>
        taskGroup((outer) => {
          outer.createTask(
            () =>
              taskGroup((inner) => {
                inner.createTask(() => sleepForever().catch(() => Promise.reject(error)), options);
              }),
            options,
          );
        }),
      );
      assert.equal(outcome.error, error);
    });

    test("a failure outside cancels the inner group, which adds nothing of its own (taskgroup_13)", async () => {
      const error = new Error("outer child");
      const failing = taskGroup(async (outer) => {
        outer.createTask(async () => {
          await sleep(0);
          throw error;
        }, options);
        await taskGroup((inner) => void inner.createTask(() => sleepForever(), options));
      });
      assert.equal(await caught(failing), error);
      assert.equal("suppressed" in error, false);
    });

    test("a failure inside comes out of both (taskgroup_14); in aggregates, nested", async () => {
      const error = new Error("inner child");
      const nested = (aggregate: boolean): Promise<unknown> =>
        taskGroup(
          async (outer) => {
            outer.createTask(() => sleepForever(), options);
            await taskGroup((inner) => void inner.createTask(() => Promise.reject(error), options), { aggregate });
          },
          { aggregate },
        );
      assert.equal(await caught(nested(false)), error);
      const aggregate = (await caught(nested(true))) as AggregateError;
      assert.ok(aggregate.errors[0] instanceof AggregateError);
      assert.deepEqual(aggregate.errors[0].errors, [error]);
    });

    test("both failing at once: the inner one can be caught inside, then the outer's cancellation goes on (nested_groups_both_cancelled)", async () => {
      const [inside, outside] = [new Error("inside"), new Error("outside")];
      let handled: unknown;
      const failing = taskGroup(async (outer) => {
        try {
          await taskGroup(async (inner) => {
            inner.createTask(() => sleepForever().catch(() => Promise.reject(inside)), options);
            outer.createTask(() => Promise.reject(outside), options);
          });
        } catch (error) {
          handled = error;
        }
        await assert.rejects(checkpoint(), isCancelled);
      });
      assert.equal(await caught(failing), outside);
      assert.equal(handled, inside);
      await checkpoint();
    });
  });

  describe(`group.cancel() with children that start ${eager ? "eagerly" : "later"}`, () => {
    test("cancels body and children, and the block ends without an error", async () => {
      const events: string[] = [];
      const value = await taskGroup(async (group) => {
        group.createTask(async () => {
          try {
            await sleepForever();
          } finally {
            events.push("child");
          }
        }, options);
        await sleep(0);
        assert.deepEqual([group.cancel(), group.cancel()], [true, false]);
        try {
          await sleepForever();
        } finally {
          events.push("body");
        }
      });
      assert.deepEqual([value, events.toSorted()], [undefined, ["body", "child"]]);
    });

    test("still throws what children throw while they unwind", async () => {
      const failing = taskGroup(async (group) => {
        group.createTask(() => sleepForever().catch(() => Promise.reject(new Error("clean-up"))), options);
        await sleep(0);
        group.cancel();
      });
      await assert.rejects(failing, /clean-up/);
    });

    test("by a child before its own first wait cancels that child too (python/cpython#155418)", async () => {
      const events: string[] = [];
      await taskGroup(async (group) => {
        group.createTask(async () => {
          group.cancel();
          await sleepForever().catch((error: unknown) => {
            events.push(isCancelled(error) ? "cancelled" : "");
            throw error;
          });
        }, options);
        await sleepForever();
      });
      assert.deepEqual(events, ["cancelled"]);
    });

    test("does not swallow a cancellation that comes from outside after it (python/cpython#155433)", async () => {
      const unwound = new Future<void>();
      const body = (): Promise<unknown> =>
        taskGroup(async (group) => {
          group.createTask(async () => {
            try {
              await sleepForever();
            } finally {
              await shield(unwound);
            }
          }, options);
          await sleep(0);
          group.cancel();
          await sleepForever();
        });
      const outcome = await cancelled(body, () => unwound.setResult());
      assert.ok(outcome.error instanceof CancelledError);
      assert.deepEqual([outcome.cancelled, outcome.error.reason], [true, "from outside"]);
    });

    test("does not swallow a timeout around it that passes after it (python/cpython#155433)", () =>
      simulate(async () => {
        const slow = timeout("1s", () =>
          taskGroup(async (group) => {
            group.createTask(async () => {
              try {
                await sleepForever();
              } finally {
                await shield(() => sleep("2s"));
              }
            }, options);
            await sleep(0);
            group.cancel();
            await sleepForever();
          }),
        );
        assert.ok((await caught(slow)) instanceof TimeoutError);
      }));
  });
}

describe("a group, whatever happens when", () => {
  test("never ends before its children, and its outcome follows its rules, in every order", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ delay: fc.nat(20), fails: fc.boolean(), cleanUp: fc.nat(20) }), { maxLength: 6 }),
        fc.option(fc.nat(30), { nil: undefined }),
        fc.nat(),
        (children, cancelAt, seed) =>
          simulate(
            async () => {
              let alive = 0;
              let failures = 0;
              let outer!: CancelScope;
              let error: unknown;
              const killer = createTask(async () => {
                if (cancelAt === undefined) return;
                await sleep(cancelAt);
                outer.cancel();
              });
              await cancelScope(async (scope) => {
                outer = scope;
                const group = taskGroup((members) => {
                  for (const { delay, fails, cleanUp } of children) {
                    members.createTask(async () => {
                      alive += 1;
                      try {
                        await sleep(delay);
                        if (fails) throw ((failures += 1), new Error("child"));
                      } finally {
                        await shield(() => sleep(cleanUp));
                        alive -= 1;
                      }
                    });
                  }
                });
                error = await caught(group);
                assert.equal(alive, 0);
                if (failures > 0) assert.equal((error as Error).message, "child");
                else if (error !== "no error") assert.ok(isCancelled(error) && scope.cancelled);
                const suppressed = (error as { suppressed?: unknown[] }).suppressed ?? [];
                if (failures > 0) assert.equal(1 + suppressed.length, failures);
              });
              await killer;
            },
            { seed },
          ),
      ),
      { numRuns: 60 },
    ));
});
