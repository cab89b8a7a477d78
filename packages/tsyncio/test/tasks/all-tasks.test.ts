import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  allTasks,
  createTask,
  currentTask,
  Future,
  gather,
  run,
  sleep,
  sleepForever,
  type Task,
  taskGroup,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

/** The names of the tasks inside the current run, main included. */
const namesHere = (outside: ReadonlySet<Task<unknown>>): string[] =>
  [...allTasks()].filter((task) => !outside.has(task)).map(({ name }) => name);

describe("allTasks", () => {
  test("has the tasks that have not ended, in groups and combinators too, outer before inner [test_tasks: test__register_task_1, test__unregister_task]", () =>
    simulate(async () => {
      const outside = allTasks();
      await taskGroup(async (group) => {
        const parent = group.createTask(
          () =>
            gather([
              async function inner() {
                await sleep(10);
              },
            ]),
          { name: "parent" },
        );
        group.createTask(() => sleep(5), { name: "short" });
        assert.deepEqual(namesHere(outside), ["parent", "short"], "those that have not started are tasks too");
        await sleep(1);
        assert.deepEqual(namesHere(outside), ["parent", "inner", "short"]);
        await sleep(5);
        assert.deepEqual(namesHere(outside), ["parent", "inner"]);
        await parent;
        assert.deepEqual(namesHere(outside), []);
      });
    }));

  test("has the main of each run, and tasks outside of any", async () => {
    const outside = createTask(() => sleepForever(), { name: "outside" });
    await Promise.all(
      ["a", "b"].map((name) =>
        run(
          async () => {
            await sleep(0);
            const main = currentTask();
            assert.ok(main !== undefined && allTasks().has(main));
            assert.ok(allTasks().has(outside));
          },
          { name },
        ),
      ),
    );
    await outside.cancelAndWait();
    assert.equal(allTasks().has(outside), false);
  });

  test("has an eager task during its first part, not after an eager end [test_eager_task_factory: test_all_tasks_with_eager_completion]", () =>
    simulate(() => {
      let seen: Task<unknown> | undefined;
      const task = createTask(
        () => {
          seen = currentTask();
          assert.ok(seen !== undefined && allTasks().has(seen));
        },
        { eager: true },
      );
      assert.equal(seen, task);
      assert.equal(allTasks().has(task), false);
    }));

  test("has an eager task that waits, until it ends [test_eager_task_factory: test_all_tasks_with_blocking]", () =>
    simulate(async () => {
      const go = new Future<void>();
      let seen: readonly unknown[] = [];
      const task = createTask(
        async () => {
          seen = [currentTask()?.name, allTasks().size];
          await go;
        },
        { eager: true, name: "eager" },
      );
      assert.deepEqual(seen, ["eager", allTasks().size]);
      assert.ok(allTasks().has(task));
      go.setResult();
      await task;
      assert.equal(allTasks().has(task), false);
    }));

  test("has tasks whose creator's block has ended", () =>
    simulate(async () => {
      const task = await taskGroup(() => ({ task: createTask(() => sleep(5), { name: "of the run" }) }));
      assert.ok(allTasks().has(task.task));
      await task.task;
      assert.equal(allTasks().has(task.task), false);
    }));
});
