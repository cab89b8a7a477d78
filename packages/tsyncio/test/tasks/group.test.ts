import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import {
  currentTask,
  Future,
  InvalidStateError,
  sleep,
  sleepForever,
  type Task,
  type TaskGroup,
  taskGroup,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { groupForms } from "./group-forms.ts";
import { rejection } from "./rejection.ts";

for (const { title, child, group: openGroup, failuresIn } of groupForms) {
  describe(`a group (${title})`, () => {
    test("ends when all its children have, and their results can be read then [test_taskgroups: test_taskgroup_01]", () =>
      simulate(async () => {
        const [a, b] = await openGroup((group) => [
          group.createTask(() => sleep(100, "a"), child),
          group.createTask(() => sleep(200, "b"), child),
        ]);
        assert.deepEqual([a?.result(), b?.result()], ["a", "b"]);
        assert.equal(await openGroup(async () => "the body's value"), "the body's value");
      }));

    test("takes children while its body runs, also between two waits [test_taskgroups: test_taskgroup_02]", () =>
      simulate(async () => {
        const [a, b] = await openGroup(async (group) => {
          const first = group.createTask(() => sleep(100, "a"), child);
          await sleep(150);
          return [first, group.createTask(() => sleep(200, "b"), child)];
        });
        assert.deepEqual([a?.result(), b?.result()], ["a", "b"]);
      }));

    test("waits for the children that a child adds when the body has ended [test_taskgroups: test_taskgroup_24]", () =>
      simulate(async () => {
        const done: string[] = [];
        await openGroup((group) => {
          const leaf = (delay: number) => async (): Promise<void> => {
            await sleep(delay);
            done.push(`after ${delay}`);
          };
          group.createTask(async () => {
            await sleep(100);
            group.createTask(leaf(100), child);
            group.createTask(leaf(200), child);
          }, child);
        });
        assert.deepEqual(done, ["after 100", "after 200"]);
      }));

    test("stops children that multiply for ever when another one fails [test_taskgroups: test_taskgroup_25]", () =>
      simulate(async () => {
        const error = new Error("enough");
        const heads: object[] = [];
        const failing = openGroup((group) => {
          const hydra = async (): Promise<void> => {
            heads.push({});
            await sleep(10);
            group.createTask(hydra, child);
            group.createTask(hydra, child);
          };
          group.createTask(hydra, child);
          group.createTask(async () => {
            while (heads.length < 10) await sleep(15);
            throw error;
          }, child);
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
      }));

    test("forgets children that have ended, so it can live long [test_taskgroups: test_taskgroup_23]", () =>
      simulate(() =>
        openGroup(async (group) => {
          for (let round = 0; round < 10; round += 1) {
            await sleep(100);
            group.createTask(() => sleep(250), child);
            assert.equal(group.tasks.size, Math.min(round + 1, 3));
          }
          await sleep(1_000);
          assert.equal(group.tasks.size, 0);
        }),
      ));

    test("goes on when one child is cancelled, and takes more [test_taskgroups: test_taskgroup_03]", () =>
      simulate(async () => {
        const [cancelled, other] = await openGroup(async (group) => {
          const first = group.createTask(() => sleepForever(), child);
          await sleep(150);
          first.cancel();
          return [first, group.createTask(() => sleep(200, "other"), child)] as const;
        });
        assert.deepEqual([cancelled.cancelled(), other.result()], [true, "other"]);
      }));

    test("shows each child the name that it was given [test_taskgroups: test_taskgroup_task_name, test_name]", () =>
      simulate(async () => {
        let seen: string | undefined;
        await openGroup((group) => {
          const task = group.createTask(() => void (seen = currentTask()?.name), { ...child, name: "bob" });
          assert.equal(task.name, "bob");
        });
        assert.equal(seen, "bob");
      }));

    test("gives each child the context of its creation, which may be a snapshot [test_taskgroups: test_taskgroup_task_context]", () =>
      simulate(async () => {
        const user = new AsyncLocalStorage<string>();
        const snapshot = user.run("of the snapshot", () => AsyncLocalStorage.snapshot());
        const seen: (string | undefined)[] = [];
        await user.run("of the creator", () =>
          openGroup((group) => {
            const look = async (): Promise<void> => {
              await sleep(1);
              seen.push(user.getStore());
            };
            group.createTask(() => snapshot(look), child);
            group.createTask(look, child);
          }),
        );
        assert.deepEqual(new Set(seen), new Set(["of the creator", "of the snapshot"]));
      }));

    test("refuses children after its end, and does not call them [test_taskgroups: test_taskgroup_finished, test_coro_closed_when_tg_closed]", async () => {
      let ended!: TaskGroup;
      await openGroup((group) => void (ended = group));
      const refused = (): unknown => ended.createTask(() => assert.fail("never called"), child);
      assert.throws(refused, new InvalidStateError("taskGroup has ended: it takes no more tasks"));
      assert.equal(ended.cancel(), false);
    });

    test("refuses children while it shuts down after a failure [test_taskgroups: test_taskgroup_no_create_task_after_failure]", () =>
      simulate(async () => {
        const error = new Error("failed");
        let refused: unknown;
        const failing = openGroup((group) => {
          group.createTask(() => sleep(1).then(() => Promise.reject(error)), child);
          group.createTask(async () => {
            try {
              await sleepForever();
            } catch {
              const add = async (): Promise<unknown> => group.createTask(() => assert.fail("never called"), child);
              refused = await rejection(add());
            }
          }, child);
        });
        assert.deepEqual(failuresIn(await rejection(failing)), [error]);
        assert.ok(refused instanceof InvalidStateError);
        assert.match(refused.message, /is shutting down after a failure/);
      }));

    test("works without a task or run around it [test_taskgroups: test_taskgroup_without_parent_task]", async () => {
      assert.equal(currentTask(), undefined);
      const name = await openGroup((group) => group.createTask(() => currentTask()?.name, { ...child, name: "mine" }));
      assert.equal(name, "mine");
    });

    test("nests deeply, with all tasks run [test_eager_task_factory: test_recursive_taskgroups]", () =>
      simulate(async () => {
        let count = 0;
        const grow = async (depth: number): Promise<void> => {
          count += 1;
          if (depth === 0) return;
          await openGroup((group) => {
            for (let width = 0; width < 5; width += 1) group.createTask(() => grow(depth - 1), child);
          });
        };
        await grow(4);
        assert.equal(count, 781);
      }));
  });
}

describe("a task group", () => {
  test("starts its children in order, one microtask later", async () => {
    const events: string[] = [];
    await taskGroup(async (group) => {
      group.createTask(() => void events.push("a"));
      group.createTask(() => void events.push("b"));
      events.push("body");
      await Promise.resolve();
      events.push("body, a microtask later");
    });
    assert.deepEqual(events, ["body", "a", "b", "body, a microtask later"]);
  });

  test("refuses what it cannot run", async () => {
    await assert.rejects(taskGroup(5 as never), TypeError);
    for (const [wrong, got] of [
      [Promise.resolve(), "a promise"],
      [new Future(), "an object (Future)"],
      [undefined, "undefined"],
    ] as const) {
      await assert.rejects(
        taskGroup((group) => void group.createTask(wrong as never)),
        new TypeError(`createTask: expected a function, got ${got}`),
      );
    }
    await assert.rejects(
      taskGroup(() => {}, { limit: 0 }),
      RangeError,
    );
  });

  test("that has ended starts no service, and has no results and no tasks", async () => {
    let ended!: TaskGroup;
    await taskGroup((group) => {
      ended = group;
      group.createTask(() => "a value that nobody reads");
    });
    const start = ended.start(() => assert.fail("never called"));
    assert.equal(((await rejection(start)) as Error).message, "taskGroup has ended: it takes no more tasks");
    assert.deepEqual([await ended.results().next(), ended.tasks.size], [{ done: true, value: undefined }, 0]);
  });

  test("has its children in tasks, in the order of their creation, until they end", () =>
    simulate(async () => {
      await taskGroup(async (group) => {
        const tasks: Task<unknown>[] = [
          group.createTask(() => sleep(3)),
          group.createTask(() => sleep(2), { daemon: true }),
          group.createTask(() => sleep(1), { eager: true }),
        ];
        assert.deepEqual(group.tasks, new Set(tasks));
        await sleep(2.5);
        assert.deepEqual([...group.tasks], [tasks[0]]);
      });
    }));
});
