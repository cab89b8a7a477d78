import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  checkpoint,
  currentTask,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  type Task,
  taskGroup,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { groupForms } from "./group-forms.ts";
import { rejection } from "./rejection.ts";

const failAfter = (delay: number, error: unknown) => async (): Promise<never> => {
  await sleep(delay);
  throw error;
};

/** Waits, and throws an error when it is cancelled. */
const failWhenCancelled = (error: unknown) => (): Promise<never> => sleepForever().catch(() => Promise.reject(error));

for (const { title, child, group: openGroup, failuresIn } of groupForms) {
  describe(`a group that fails (${title})`, () => {
    test("cancels the other children, whose cancellation is no failure, and what follows the block does not run [test_taskgroups: test_taskgroup_04]", () =>
      simulate(async () => {
        const error = new Error("child");
        const events: string[] = [];
        let sibling!: Task<void>;
        const failing = (async () => {
          await openGroup((group) => {
            group.createTask(failAfter(100, error), child);
            sibling = group.createTask(async () => {
              try {
                await sleep(1_000);
              } finally {
                await shield(() => sleep(50));
                events.push("sibling unwound");
              }
            }, child);
          });
          events.push("after the block");
        })();
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
        assert.deepEqual([events, sibling.cancelled()], [["sibling unwound"], true]);
      }));

    test("cancels the body too, and has the errors of all that failed at once [test_taskgroups: test_cancel_children_on_child_error]", () =>
      simulate(async () => {
        const errors = ["a", "b", "c"].map((name) => new Error(name));
        let bodyCancelled = false;
        const failing = openGroup(async (group) => {
          for (const error of errors) group.createTask(failAfter(100, error), child);
          group.createTask(() => sleepForever(), child);
          await sleepForever().catch((error: unknown) => {
            bodyCancelled = isCancelled(error);
            throw error;
          });
        });
        const failures = failuresIn(await rejection(failing));
        assert.deepEqual(new Set(failures), new Set(errors));
        assert.deepEqual([failures.length, bodyCancelled], [3, true]);
      }));

    for (const [when, delay] of [
      ["after its first wait [test_taskgroups: test_taskgroup_09]", 100],
      ["before its first wait [test_taskgroups: test_taskgroup_10]", 0],
    ] as const) {
      test(`cancels the children when its body throws ${when}`, () =>
        simulate(async () => {
          const error = new Error("body");
          const children: Task<unknown>[] = [];
          const failing = openGroup(async (group) => {
            children.push(
              group.createTask(() => sleep(1_000), child),
              group.createTask(() => sleep(2_000), child),
            );
            if (delay > 0) await sleep(delay);
            throw error;
          });
          assert.deepEqual(failuresIn(await rejection(failing)), [error]);
          assert.deepEqual(
            children.map((task) => task.cancelled()),
            [true, true],
          );
        }));
    }

    test("has what child and body throw while they are cancelled next to the first failure [test_taskgroups: test_taskgroup_19]", () =>
      simulate(async () => {
        const [first, inChild, inBody] = ["first", "child's clean-up", "body's clean-up"].map(
          (text) => new Error(text),
        );
        const failing = openGroup(async (group) => {
          group.createTask(failWhenCancelled(inChild), child);
          group.createTask(failAfter(100, first), child);
          await failWhenCancelled(inBody)();
        });
        const failures = failuresIn(await rejection(failing));
        assert.equal(failures[0], first);
        assert.deepEqual(new Set(failures.slice(1)), new Set([inChild, inBody]));
      }));

    test("has the error of a disposer in its body, and leaves the task around it healthy [test_taskgroups: test_taskgroup_context_manager_exit_raises]", () =>
      simulate(async () => {
        const [inChild, disposal] = [new Error("child"), new Error("disposer")];
        const failing = openGroup(async (group) => {
          await using _database = {
            async [Symbol.asyncDispose]() {
              throw disposal;
            },
          };
          group.createTask(() => Promise.reject(inChild), child);
          await sleepForever();
        });
        const failures = failuresIn(await rejection(failing));
        // The language puts the disposer's error and the cancellation that it replaced into one.
        assert.deepEqual(
          [failures.length, failures[0], (failures[1] as SuppressedError).error],
          [2, inChild, disposal],
        );
        await checkpoint();
      }));

    test("treats whatever is thrown alike: no value is fatal [test_taskgroups: test_taskgroup_20, test_taskgroup_20a, test_taskgroup_21a]", () =>
      simulate(async () => {
        for (const fatal of ["a string", undefined, { exit: 1 }]) {
          const error = new Error("child");
          const fromBody = openGroup(async (group) => {
            group.createTask(failAfter(100, error), child);
            await failWhenCancelled(fatal)();
          });
          assert.deepEqual(failuresIn(await rejection(fromBody)), [error, fatal]);
          const fromChild = openGroup(async (group) => {
            group.createTask(failAfter(100, fatal), child);
            await failWhenCancelled(error)();
          });
          // A value that cannot carry others is the first of an AggregateError, in both forms.
          assert.deepEqual(((await rejection(fromChild)) as AggregateError).errors, [fatal, error]);
        }
      }));

    test("leaves no cancellation behind in the task around it [test_taskgroups: test_cancelling_level_preserved, test_cancellation_does_not_leak_out_of_tg]", () =>
      simulate(async () => {
        const error = new Error("child");
        const failing = openGroup(async (group) => {
          group.createTask(() => Promise.reject(error), child);
          await sleepForever();
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
        await checkpoint();
        await sleep(1);
        assert.equal(currentTask()?.done(), false);
      }));

    test("cancels a child that creates the one that fails, however early [test_taskgroups: test_cancels_task_if_created_during_creation]", () =>
      simulate(async () => {
        const error = new Error("third");
        let cancelled = false;
        const failing = openGroup((group) => {
          group.createTask(async () => {
            group.createTask(async () => {
              throw error;
            }, child);
            await sleepForever().catch((thrown: unknown) => {
              cancelled = isCancelled(thrown);
              throw thrown;
            });
          }, child);
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
        assert.equal(cancelled, true);
      }));

    test("cancels a child that its creator leaves behind by failing", () =>
      simulate(async () => {
        const error = new Error("after creating");
        let left!: Task<never>;
        const failing = openGroup(async (group) => {
          group.createTask(() => {
            left = group.createTask(() => sleepForever(), child);
            throw error;
          }, child);
          await sleepForever();
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
        assert.equal(left.cancelled(), true);
      }));

    test("counts a failure once that the body awaits as well", () =>
      simulate(async () => {
        const error = new Error("once");
        const failing = openGroup(async (group) => {
          await group.createTask(failAfter(1, error), child);
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
      }));
  });
}

describe("the failures of a group", () => {
  test("stand in an AggregateError whose cause is the first, if that one cannot carry the others", () =>
    simulate(async () => {
      const withSuppressed = new SuppressedError(new Error("error"), new Error("suppressed"), "two at once");
      for (const first of [Object.freeze(new Error("frozen")), "a primitive", undefined, withSuppressed]) {
        const alone = taskGroup((group) => void group.createTask(failAfter(1, first)));
        assert.equal(await rejection(alone), first);
        const second = new Error("second");
        const both = taskGroup((group) => {
          group.createTask(failAfter(1, first));
          group.createTask(failWhenCancelled(second));
        });
        const thrown = await rejection(both);
        assert.ok(thrown instanceof AggregateError);
        assert.deepEqual([thrown.errors[0], thrown.errors[1], thrown.errors.length], [first, second, 2]);
        assert.equal(thrown.cause, first);
      }
    }));

  test("are seen when the error is printed", () =>
    simulate(async () => {
      const failing = taskGroup((group) => {
        group.createTask(failAfter(1, new Error("the first")));
        group.createTask(failWhenCancelled(new Error("the second")));
      });
      assert.match(inspect(await rejection(failing)), /the first[\s\S]*the second/);
    }));
});
