import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CancelledError,
  checkpoint,
  createTask,
  Future,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  type Task,
} from "../../src/index.ts";
import { explore, simulate } from "../../src/testing.ts";
import { afterTicks } from "./every-offset.ts";
import { cancelledOutside, groupForms } from "./group-forms.ts";
import { rejection } from "./rejection.ts";

const failWhenCancelled = (error: unknown) => (): Promise<never> => sleepForever().catch(() => Promise.reject(error));

const failAfter = (delay: number, error: unknown) => async (): Promise<never> => {
  await sleep(delay);
  throw error;
};

for (const { title, child, group: openGroup, failuresIn } of groupForms) {
  describe(`a cancellation from outside a group (${title})`, () => {
    test("at the end of the block reaches every child, waits for them, and comes out as it is [test_taskgroups: test_cancellation, test_taskgroup_22]", () =>
      simulate(async () => {
        const unwound: string[] = [];
        const { error, cancelled } = await cancelledOutside(() =>
          openGroup((group) => {
            for (const name of ["a", "b", "c"]) {
              group.createTask(async () => {
                try {
                  await sleepForever();
                } finally {
                  await shield(() => sleep(10));
                  unwound.push(name);
                }
              }, child);
            }
          }),
        );
        assert.ok(error instanceof CancelledError);
        assert.deepEqual([error.reason, cancelled, unwound.length], ["from outside", true, 3]);
      }));

    test("while the body waits is seen once by the body and by each child [test_taskgroups: test_taskgroup_07]", () =>
      simulate(async () => {
        let seen = 0;
        const count = (): Promise<never> =>
          sleepForever().catch((error: unknown) => {
            seen += 1;
            throw error;
          });
        const { cancelled } = await cancelledOutside(() =>
          openGroup(async (group) => {
            for (let i = 0; i < 5; i += 1) group.createTask(count, child);
            await count();
          }),
        );
        assert.deepEqual([cancelled, seen], [true, 6]);
      }));

    test("reaches the body of a group without children [test_taskgroups: test_taskgroup_17]", () =>
      simulate(async () => {
        let seen = false;
        const { error, cancelled } = await cancelledOutside(() =>
          openGroup(() =>
            sleepForever().finally(() => {
              seen = true;
            }),
          ),
        );
        assert.deepEqual([isCancelled(error), cancelled, seen], [true, true, true]);
      }));

    test("gives way to the errors of the children's clean-up [test_taskgroups: test_taskgroup_08]", () =>
      simulate(async () => {
        const errors = ["a", "b", "c"].map((name) => new Error(name));
        const { error, cancelled } = await cancelledOutside(() =>
          openGroup(async (group) => {
            for (const inChild of errors) group.createTask(failWhenCancelled(inChild), child);
            await sleepForever();
          }),
        );
        assert.deepEqual(new Set(failuresIn(error)), new Set(errors));
        assert.equal(cancelled, false);
      }));

    test("that the body turns into an error of its own is that error [test_taskgroups: test_taskgroup_18]", () =>
      simulate(async () => {
        const converted = new Error("converted");
        const { error, cancelled } = await cancelledOutside(() => openGroup(failWhenCancelled(converted)));
        assert.deepEqual(failuresIn(error), [converted]);
        assert.equal(cancelled, false);
      }));

    const slowToUnwind = (error: Error) => (): Promise<unknown> =>
      openGroup(async (group) => {
        group.createTask(() => shield(failAfter(300, error)), child);
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(500));
        }
      });

    test("leaves the failure of a child that comes while the body unwinds slowly [test_taskgroups: test_taskgroup_15]", () =>
      simulate(async () => {
        const error = new Error("meanwhile");
        const outcome = await cancelledOutside(slowToUnwind(error));
        assert.deepEqual(failuresIn(outcome.error), [error]);
        assert.equal(outcome.cancelled, false);
      }));

    test("ends only the waiting for a task with a group; its owner gets that failure when it cancels it [test_taskgroups: test_taskgroup_16]", () =>
      simulate(async () => {
        const error = new Error("meanwhile");
        const task = createTask(slowToUnwind(error));
        const awaiter = await cancelledOutside(() => task);
        assert.deepEqual([isCancelled(awaiter.error), awaiter.cancelled, task.done()], [true, true, false]);
        await task.cancelAndWait();
        assert.deepEqual(failuresIn(task.exception()), [error]);
      }));

    test("that comes with a failure hits at the next wait after the failure was handled [test_taskgroups: test_error_and_cancel]", () =>
      simulate(async () => {
        const error = new Error("child");
        let handled: unknown;
        const task: Task<void> = createTask(async () => {
          const failing = openGroup(async (group) => {
            group.createTask(async () => {
              await sleep(1);
              task.cancel();
              throw error;
            }, child);
            await sleepForever();
          });
          handled = await rejection(failing);
          await sleep(1);
          assert.fail("the wait after the group was to be cancelled");
        });
        assert.ok(isCancelled(await rejection(task)));
        assert.deepEqual([failuresIn(handled), task.cancelled()], [[error], true]);
      }));

    test("leaves the value of a body whose children were done by then", () =>
      simulate(async () => {
        let value: unknown;
        const task: Task<void> = createTask(async () => {
          value = await openGroup(async (group) => {
            group.createTask(() => 1, child);
            await sleep(1);
            task.cancel();
            return "value";
          });
          await checkpoint();
        });
        await rejection(task);
        assert.deepEqual([value, task.cancelled()], ["value", true]);
      }));

    test("takes the body's value when a child was cut short", () =>
      simulate(async () => {
        const { error } = await cancelledOutside(() =>
          openGroup((group) => {
            group.createTask(() => sleepForever(), child);
            return "value";
          }),
        );
        assert.ok(isCancelled(error));
      }));

    test("and a child's failure, at every distance from each other: one of the two comes out, and the task ends by it", () =>
      explore(
        async () => {
          for (let offset = 0; offset < 6; offset += 1) {
            const error = new Error("child");
            const go = new Future<void>();
            const task = createTask(() =>
              openGroup(async (group) => {
                group.createTask(async () => {
                  await go;
                  throw error;
                }, child);
                await sleepForever();
              }),
            );
            await sleep(1);
            go.setResult();
            await afterTicks(offset, () => task.cancel());
            const thrown = await rejection(task);
            if (isCancelled(thrown)) assert.equal(task.cancelled(), true);
            else assert.deepEqual([failuresIn(thrown), task.cancelled()], [[error], false]);
          }
        },
        { runs: 20 },
      ));
  });

  describe(`nested groups (${title})`, () => {
    const failingInside = (error: Error) => async (): Promise<void> => {
      await openGroup(async (inner) => {
        inner.createTask(failWhenCancelled(error), child);
        await sleepForever();
      });
    };
    /** The failures of a group whose only failure is that of a group inside. */
    const failuresInside = (thrown: unknown): unknown[] => {
      const [inner, ...others] = failuresIn(thrown);
      assert.deepEqual(others, []);
      return failuresIn(inner);
    };

    test("an inner failure during an outer cancellation is that failure, through both [test_taskgroups: test_taskgroup_11]", () =>
      simulate(async () => {
        const error = new Error("inner");
        const { error: thrown } = await cancelledOutside(() => openGroup(failingInside(error)));
        assert.deepEqual(failuresInside(thrown), [error]);
      }));

    test("so it is beside an outer child that is only cancelled [test_taskgroups: test_taskgroup_12]", () =>
      simulate(async () => {
        const error = new Error("inner");
        const { error: thrown } = await cancelledOutside(() =>
          openGroup(async (outer) => {
            outer.createTask(() => sleepForever(), child);
            await failingInside(error)();
          }),
        );
        assert.deepEqual(failuresInside(thrown), [error]);
      }));

    test("a failure outside cancels the inner group, which adds nothing of its own [test_taskgroups: test_taskgroup_13]", () =>
      simulate(async () => {
        const error = new Error("outer child");
        const failing = openGroup(async (outer) => {
          outer.createTask(failAfter(100, error), child);
          await openGroup((inner) => void inner.createTask(() => sleepForever(), child));
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
      }));

    test("a failure inside comes out of both [test_taskgroups: test_taskgroup_14]", () =>
      simulate(async () => {
        const error = new Error("inner child");
        const failing = openGroup(async (outer) => {
          outer.createTask(() => sleepForever(), child);
          await openGroup((inner) => void inner.createTask(failAfter(100, error), child));
        });
        assert.deepEqual(failuresInside(await rejection(failing)), [error]);
      }));

    test("that both fail at once: the inner failure can be caught inside, then the outer cancellation goes on, and ends with the outer group [test_taskgroups: test_nested_groups_both_cancelled]", () =>
      simulate(async () => {
        const [inside, outside] = [new Error("inside"), new Error("outside")];
        let handled: unknown;
        const failing = openGroup(async (outer) => {
          const inner = openGroup(async (innerGroup) => {
            innerGroup.createTask(failAfter(1, inside), child);
            outer.createTask(failAfter(1, outside), child);
            await sleepForever();
          });
          handled = await rejection(inner);
          await assert.rejects(checkpoint(), isCancelled);
        });
        const thrown = await rejection(failing);
        assert.deepEqual([failuresIn(handled), failuresIn(thrown)], [[inside], [outside]]);
        await checkpoint();
      }));
  });
}
