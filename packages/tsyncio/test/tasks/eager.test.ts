import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  getRunningLoop,
  run,
  sleep,
  sleepForever,
  staggered,
  type Task,
  taskGroup,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { rejection } from "./rejection.ts";

const eager = true;

describe("an eager task", () => {
  test("that never waits is done when createTask returns [test_eager_task_factory: test_eager_completion]", async () => {
    const tasks = [createTask(() => 5, { eager }), createTask(() => {}, { eager })];
    assert.deepEqual(
      tasks.map((task) => [task.done(), task.result()]),
      [
        [true, 5],
        [true, undefined],
      ],
    );
    assert.equal(await tasks[0], 5);
  });

  test("that is an async function which never waits is done a microtask later: its promise is not earlier", async () => {
    const task = createTask(async () => 5, { eager });
    assert.equal(task.done(), false);
    await Promise.resolve();
    assert.deepEqual([task.done(), task.result()], [true, 5]);
  });

  test("that waits is pending then, and completes later [test_eager_task_factory: test_block_after_eager_step]", () =>
    simulate(async () => {
      const events: string[] = [];
      const task = createTask(
        async () => {
          events.push("first part");
          await sleep(1);
          events.push("second part");
          return "value";
        },
        { eager },
      );
      events.push("created");
      assert.deepEqual([task.done(), await task], [false, "value"]);
      assert.deepEqual(events, ["first part", "created", "second part"]);
    }));

  test("is cancelled where it waits, with the reason [test_eager_task_factory: test_cancellation_after_eager_step_blocks]", async () => {
    const task = createTask(() => new Future<void>().then(), { eager });
    assert.equal(task.done(), false);
    assert.equal(task.cancel("cancellation reason"), true);
    assert.equal(((await rejection(task)) as CancelledError).reason, "cancellation reason");
    assert.equal(task.cancelled(), true);
  });

  test("that is done cannot be cancelled [test_eager_task_factory: test_cancellation_after_eager_completion]", async () => {
    const task = createTask(() => "done", { eager });
    assert.deepEqual([task.cancel("too late"), task.cancelled()], [false, false]);
    assert.equal(await task, "done");
  });

  test("that throws at once throws into the task, not into its creator's stack", async () => {
    const error = new Error("no");
    const fail = (): never => {
      throw error;
    };
    assert.equal(createTask(fail, { eager }).exception(), error);
    assert.equal(await rejection(taskGroup((group) => void group.createTask(fail, { eager }))), error);
    const unseen = run(
      async () => {
        createTask(fail, { eager });
        await sleepForever();
      },
      { signals: [] },
    );
    assert.equal(await rejection(unseen), error);
  });

  test("knows its name in its first part", () => {
    let seen: string | undefined;
    createTask(() => void (seen = currentTask()?.name), { eager, name: "example" });
    assert.equal(seen, "example");
  });

  test("may be made of a coroutine, which then begins at once", () => {
    const events: string[] = [];
    const call = coroutine(async (what: string) => void events.push(what))("begun");
    assert.deepEqual(events, []);
    createTask(call, { eager });
    assert.deepEqual(events, ["begun"]);
  });

  test("of a cancelled scope never begins", () =>
    simulate(async () => {
      let task!: Task<never>;
      await taskGroup((group) => {
        group.cancel();
        task = group.createTask(() => assert.fail("never called"), { eager });
      });
      assert.equal(task.cancelled(), true);
    }));
});

describe("a task that is not eager", () => {
  test("has not begun when createTask returns, and knows its name in its first part [test_eager_task_factory: test_eager_start_false; test_tasks: test_eager_start_false, test_eager_start_true]", async () => {
    for (const options of [{}, { eager: false }, { eager }]) {
      let seen: string | undefined;
      const task = createTask(() => void (seen = currentTask()?.name), { ...options, name: "example" });
      assert.deepEqual([task.done(), seen], options.eager === true ? [true, "example"] : [false, undefined]);
      await task;
      assert.equal(seen, "example");
    }
  });
});

describe("tasks of both kinds", () => {
  test("may await a chain of a hundred coroutines [test_eager_task_factory: test_awaitables_chain]", async () => {
    const chain = coroutine(async (depth: number): Promise<number> => (depth === 0 ? 0 : 1 + (await chain(depth - 1))));
    for (const start of [false, true]) assert.equal(await createTask(chain(100), { eager: start }), 100);
  });

  test("may be started by attempts of staggered, and end in the same way [test_eager_task_factory: test_staggered_race_with_eager_tasks, test_staggered_race_with_eager_tasks_no_delay]", () =>
    simulate(async () => {
      for (const start of [false, true]) {
        const begin = getRunningLoop().time();
        const asTask = (work: () => Promise<string>) => (): Promise<string> =>
          taskGroup(async (group) => group.createTask(work, { eager: start }));
        const fail = async (): Promise<never> => {
          await sleep(0);
          throw new Error("no good");
        };
        const attempts = [asTask(() => sleepForever()), asTask(() => sleep(1_000, "second")), asTask(fail)];
        assert.equal(await staggered(attempts, 250), "second");
        assert.equal(getRunningLoop().time() - begin, 1_250);
        const withoutDelay = [asTask(fail), asTask(() => sleep(1_000, "second")), asTask(() => sleep(0, "third"))];
        assert.equal(await staggered(withoutDelay, null), "second");
        assert.equal(getRunningLoop().time() - begin, 2_250);
      }
    }));

  test("run one after the other, eager ones before those that are not", async () => {
    const order: string[] = [];
    const jobs = [
      createTask(() => order.push("deferred 1")),
      createTask(() => order.push("eager 1"), { eager }),
      createTask(() => order.push("deferred 2")),
      createTask(() => order.push("eager 2"), { eager }),
    ];
    await gather(jobs);
    assert.deepEqual(order, ["eager 1", "eager 2", "deferred 1", "deferred 2"]);
  });
});
