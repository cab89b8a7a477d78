import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cancelScope,
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  isCancelled,
  shield,
  sleep,
  sleepForever,
  taskGroup,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { afterTicks, atEveryOffset } from "./every-offset.ts";

describe("gather", () => {
  test("keeps the order of the input, not that of completion [test_tasks: test_success, test_result_exception_success]", () =>
    simulate(async () => {
      for (const options of [{}, { returnExceptions: true }] as const) {
        const jobs = [() => sleep(30, "a"), () => sleep(10, "b"), () => sleep(20, "c")];
        assert.deepEqual(await gather(jobs, options), ["a", "b", "c"]);
      }
    }));

  test("runs all at once, or as many as the limit says, in order", () =>
    simulate(async () => {
      let running = 0;
      let most = 0;
      const started: number[] = [];
      const job = (index: number) => async (): Promise<number> => {
        started.push(index);
        most = Math.max(most, (running += 1));
        await sleep(10);
        running -= 1;
        return index;
      };
      const jobs = Array.from({ length: 10 }, (_, index) => job(index));
      assert.deepEqual(await gather(jobs, { limit: 3 }), [...jobs.keys()]);
      assert.deepEqual([most, started], [3, [...jobs.keys()]]);
      most = 0;
      await gather(jobs);
      assert.equal(most, 10);
    }));

  test("of nothing is an empty list [test_tasks: test_constructor_empty_sequence_without_loop, test_constructor_empty_sequence_use_running_loop, test_constructor_empty_sequence_use_global_loop]", async () => {
    assert.deepEqual(await gather([]), []);
  });

  test("cancels and awaits what it owns when a job fails, and throws that failure [test_tasks: test_one_exception]", async () => {
    const events: string[] = [];
    const error = new Error("no");
    const failing = gather([
      async () => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(1));
          events.push("unwound");
        }
      },
      () => Promise.reject(error),
      coroutine(() => sleepForever())(),
    ]);
    await assert.rejects(failing, (thrown) => thrown === error);
    assert.deepEqual(events, ["unwound"]);
  });

  test("only stops waiting for the tasks and futures that it borrows [test_futures: test_wrap_future_future]", async () => {
    const task = createTask(() => sleep(1, "task"));
    const future = new Future<string>();
    await assert.rejects(gather([task, future, () => Promise.reject(new Error("no"))]), /no/);
    assert.deepEqual([task.done(), future.done()], [false, false]);
    assert.equal(await task, "task");
  });

  test("marks the later failures of what it borrows as seen [test_tasks: test_exception_marking]", () =>
    simulate(async () => {
      const task = createTask(async () => {
        await sleep(1);
        throw new Error("later");
      });
      await assert.rejects(gather([task, () => Promise.reject(new Error("first"))]), /first/);
      await sleep(5);
      assert.equal((task.exception() as Error).message, "later");
    }));

  test("accepts a native promise at run time, as borrowed", async () => {
    assert.deepEqual(await gather([Promise.resolve(1), async () => 2] as never), [1, 2]);
    const never = new Promise(() => {});
    await assert.rejects(gather([never, () => Promise.reject(new Error("no"))] as never), /no/);
  });

  test("throws further failures with the first, in its suppressed", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const failing = gather([
      () => Promise.reject(first),
      async () => {
        await sleepForever().catch(() => {
          throw second;
        });
      },
    ]);
    await assert.rejects(failing, (thrown) => thrown === first);
    assert.deepEqual((first as Error & { suppressed?: unknown }).suppressed, [second]);
  });

  test("puts errors and cancellations in place with returnExceptions [test_tasks: test_return_exceptions, test_result_exception_one_cancellation]", async () => {
    const cancelled = createTask(() => sleepForever());
    await sleep(0);
    cancelled.cancel();
    const error = new Error("no");
    const results = await gather([() => 1, () => Promise.reject(error), cancelled, () => sleep(0, 2)], {
      returnExceptions: true,
    });
    assert.deepEqual([results[0], results[1], results[3]], [1, error, 2]);
    assert.ok(results[2] instanceof CancelledError);
  });

  test("gives PromiseSettledResults with settled", async () => {
    const error = new Error("no");
    assert.deepEqual(await gather([() => 1, () => Promise.reject(error)], { settled: true }), [
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: error },
    ]);
  });

  test("throws the CancelledError of a borrowed task that its owner cancelled, and is not cancelled itself [test_tasks: test_one_cancellation]", async () => {
    const task = createTask(() => sleepForever());
    const gathering = createTask(() => gather([task, () => sleepForever()]));
    await sleep(0);
    task.cancel("by its owner");
    await assert.rejects(gathering.then(), (error) => isCancelled(error) && error.reason === "by its owner");
    assert.equal(gathering.cancelled(), false);
  });

  test("throws the cancellation of a job that cancelled itself", async () => {
    const selfish = async (): Promise<void> => {
      currentTask()?.cancel("I give up");
      await sleep(0);
    };
    await assert.rejects(gather([() => 1, selfish]), (error) => isCancelled(error) && error.reason === "I give up");
    const [result] = await gather([selfish], { returnExceptions: true });
    assert.ok(isCancelled(result));
  });

  for (const options of [{}, { returnExceptions: true }, { settled: true }] as const) {
    test(`is cancelled with its caller, and its jobs with it: ${JSON.stringify(options)} [test_tasks: test_cancel_gather_2, test_cancellation_broadcast]`, async () => {
      const unwound: number[] = [];
      const job = (index: number) => async (): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          unwound.push(index);
        }
      };
      const task = createTask(() => gather([job(0), job(1)], options));
      await sleep(0);
      await sleep(0);
      task.cancel("enough");
      await assert.rejects(task.then(), (error) => isCancelled(error) && error.reason === "enough");
      assert.deepEqual([unwound, task.cancelled()], [[0, 1], true]);
    });
  }

  test("runs a coroutine or task that is given twice once, and reports it in both places; a function each time [test_tasks: test_duplicate_coroutines]", async () => {
    let calls = 0;
    const work = (): number => (calls += 1);
    const task = createTask(work);
    const call = coroutine(work)();
    assert.deepEqual(await gather([task, task, call, work, call, work]), [1, 1, 2, 3, 2, 4]);
    const error = new Error("no");
    const failing = coroutine(() => Promise.reject(error))();
    assert.deepEqual(await gather([failing, failing], { returnExceptions: true }), [error, error]);
  });

  test("of jobs that have all ended is not taken back by a cancellation: that hits at the next wait [test_tasks: test_cancel_gather_1]", () =>
    atEveryOffset(async (offset) => {
      const go = new Future<number>();
      let results: readonly number[] | undefined;
      const task = createTask(async () => {
        results = await gather([async () => go, () => 2]);
        await sleepForever();
      });
      await sleep(1);
      go.setResult(1);
      await afterTicks(offset, () => task.cancel());
      await assert.rejects(task.then(), isCancelled);
      assert.deepEqual([results, task.cancelled()], [[1, 2], true]);
    }));

  test("starts nothing when one of its arguments is wrong [test_tasks: test_issue46672]", async () => {
    let called = false;
    await assert.rejects(
      gather([() => (called = true), coroutine(() => (called = true))(), 42 as never]),
      /gather: job 2: expected a function, a coroutine, a task or a future, got 42/,
    );
    await assert.rejects(gather(undefined as never), /gather: expected an array of jobs, got undefined/);
    await assert.rejects(gather([], { limit: 0 }), /limit/);
    assert.equal(called, false);
  });

  test("nests deeply [test_eager_task_factory: test_recursive_gather]", async () => {
    const count = async (depth: number): Promise<number> => {
      if (depth === 0) return 1;
      const parts = await gather([() => count(depth - 1), () => count(depth - 1)]);
      return parts[0] + parts[1];
    };
    assert.equal(await count(8), 256);
  });

  test("does not start jobs when its caller is cancelled already", async () => {
    let called = false;
    await cancelScope(async (scope) => {
      scope.cancel();
      await gather([() => (called = true)]);
    });
    assert.equal(called, false);
  });

  test("throws a frozen error, and a primitive, that came first, in an AggregateError when others came too", async () => {
    for (const first of [Object.freeze(new Error("frozen")), "a string"]) {
      const second = new Error("second");
      const alone = gather([() => Promise.reject(first as Error)]);
      await assert.rejects(alone, (thrown) => thrown === first);
      const both = gather([
        () => sleep(0).then(() => Promise.reject(first as Error)),
        () => sleepForever().catch(() => Promise.reject(second)),
      ]);
      await assert.rejects(
        both,
        (thrown) => thrown instanceof AggregateError && thrown.cause === first && thrown.errors[1] === second,
      );
    }
  });

  test("inside a group is cancelled by the group's failure", async () => {
    let error: unknown;
    const failing = taskGroup(async (group) => {
      group.createTask(() => Promise.reject(new Error("sibling")));
      await gather([() => sleepForever()]).catch((thrown: unknown) => {
        error = thrown;
        throw thrown;
      });
    });
    await assert.rejects(failing, /sibling/);
    assert.ok(isCancelled(error));
  });
});
