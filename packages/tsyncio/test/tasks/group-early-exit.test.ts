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
  type TaskGroup,
  timeout,
  TimeoutError,
} from "../../src/index.ts";
import { explore, simulate } from "../../src/testing.ts";
import { microtasks } from "../sync/turn.ts";
import { afterTicks } from "./every-offset.ts";
import { groupForms } from "./group-forms.ts";
import { rejection } from "./rejection.ts";

/** Waits for ever, and notes that it was cancelled. */
const waitForEver = (events: string[], who: string): Promise<never> =>
  sleepForever().catch((error: unknown) => {
    if (isCancelled(error)) events.push(who);
    throw error;
  });

for (const { title, child, group: openGroup, failuresIn } of groupForms) {
  describe(`group.cancel() (${title})`, () => {
    test("cancels body and children, and the block ends without an error [test_taskgroups: gh-108951]", () =>
      simulate(async () => {
        const events: string[] = [];
        const value = await openGroup(async (group) => {
          group.createTask(() => waitForEver(events, "child"), child);
          await sleep(1);
          assert.equal(group.cancel(), true);
          await waitForEver(events, "body");
        });
        assert.deepEqual([value, events.toSorted()], [undefined, ["body", "child"]]);
        await checkpoint();
      }));

    test("leaves the value of a body that waits no more [test_taskgroups: gh-108951]", () =>
      simulate(async () => {
        const value = await openGroup((group) => {
          group.createTask(() => sleepForever(), child);
          group.cancel();
          return "value";
        });
        assert.equal(value, "value");
      }));

    test("may come from the body, a child, or anybody who holds the group, a second time, and after its end [test_taskgroups: gh-108951]", () =>
      simulate(async () => {
        for (const who of ["body", "child", "outsider"] as const) {
          let held!: TaskGroup;
          const waiting = openGroup(async (group) => {
            held = group;
            group.createTask(async () => {
              await sleep(1);
              if (who === "child") group.cancel();
              await sleepForever();
            }, child);
            if (who === "body") group.cancel();
            await sleepForever();
          });
          await sleep(2);
          assert.equal(held.cancel(), who === "outsider");
          await waiting;
          assert.equal(held.cancel(), false);
        }
      }));

    test("before any child was created means that none begins; each ends cancelled [test_taskgroups: test_taskgroup_cancel_before_create_task]", () =>
      simulate(async () => {
        let task!: Task<unknown>;
        await openGroup((group) => {
          group.cancel();
          task = group.createTask(() => assert.fail("never called"), child);
        });
        assert.equal(task.cancelled(), true);
      }));

    test("still throws what children and body throw while they unwind [test_taskgroups: gh-108951]", () =>
      simulate(async () => {
        const [inChild, inBody] = [new Error("child's clean-up"), new Error("body's clean-up")];
        const failing = openGroup(async (group) => {
          group.createTask(() => sleepForever().catch(() => Promise.reject(inChild)), child);
          await sleep(1);
          group.cancel();
          await sleepForever().catch(() => Promise.reject(inBody));
        });
        assert.deepEqual(new Set(failuresIn(await rejection(failing))), new Set([inChild, inBody]));
      }));

    test("by a child before its own first wait cancels that child too, at every distance from it [test_taskgroups: test_taskgroup_cancel_from_child_before_first_suspension]", () =>
      explore(
        async () => {
          for (let offset = 0; offset < 6; offset += 1) {
            const events: string[] = [];
            await openGroup(async (group) => {
              group.createTask(async () => {
                if (offset > 0) await microtasks(offset);
                group.cancel();
                await waitForEver(events, "child");
              }, child);
              await waitForEver(events, "body");
            });
            assert.deepEqual(events.toSorted(), ["body", "child"]);
          }
        },
        { runs: 20 },
      ));

    for (const slow of ["child", "child that then returns a value", "body"] as const) {
      test(`swallows no cancellation from outside that comes after it, at every distance, while its ${slow} unwinds [test_taskgroups: gh-155433]`, () =>
        explore(
          async () => {
            for (let offset = 0; offset < 8; offset += 1) {
              const unwound = new Future<void>();
              const unwindSlowly = async (): Promise<void> => {
                try {
                  await sleepForever();
                } finally {
                  await shield(unwound);
                }
              };
              let held!: TaskGroup;
              let after = "not reached";
              const task = createTask(async () => {
                await openGroup(async (group) => {
                  held = group;
                  if (slow === "child") group.createTask(unwindSlowly, child);
                  if (slow === "child that then returns a value") {
                    group.createTask(() => unwindSlowly().catch(() => "a value"), child);
                  }
                  await (slow === "body" ? unwindSlowly() : sleepForever());
                });
                after = "reached";
                await checkpoint();
              });
              await sleep(1);
              held.cancel();
              await afterTicks(offset, () => task.cancel("from outside"));
              unwound.setResult();
              const thrown = await rejection(task);
              assert.ok(thrown instanceof CancelledError);
              assert.deepEqual([thrown.reason, task.cancelled(), after], ["from outside", true, "not reached"]);
            }
          },
          { runs: 20 },
        ));
    }

    test("swallows no cancellation that comes when it has done its work: that hits at the next wait", () =>
      explore(
        async () => {
          for (let offset = 0; offset < 12; offset += 1) {
            let held!: TaskGroup;
            const task = createTask(async () => {
              await openGroup(async (group) => {
                held = group;
                group.createTask(() => sleepForever(), child);
              });
              await sleepForever();
            });
            await sleep(1);
            held.cancel();
            await afterTicks(offset, () => task.cancel("from outside"));
            assert.equal(((await rejection(task)) as CancelledError).reason, "from outside");
            assert.equal(task.cancelled(), true);
          }
        },
        { runs: 20 },
      ));

    test("swallows no timeout around it, however late in its unwinding that passes [test_taskgroups: gh-155433]", () =>
      simulate(async () => {
        for (const cleanUp of [1, 499, 500, 501, 2_000]) {
          const slow = timeout(600, () =>
            openGroup(async (group) => {
              group.createTask(async () => {
                try {
                  await sleepForever();
                } finally {
                  await shield(() => sleep(cleanUp));
                }
              }, child);
              await sleep(100);
              group.cancel();
              await sleepForever();
            }),
          );
          if (cleanUp < 500) await slow;
          else if (cleanUp > 500) assert.ok((await rejection(slow)) instanceof TimeoutError);
          else await slow.catch((error: unknown) => assert.ok(error instanceof TimeoutError));
        }
      }));
  });
}
