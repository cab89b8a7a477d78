import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CancelledError,
  coroutine,
  createTask,
  currentRun,
  currentTask,
  detached,
  Future,
  getRunningLoop,
  isCancelled,
  type Run,
  run,
  shield,
  sleep,
  sleepForever,
  taskGroup,
  throwIfCancelled,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const quiet = { signals: [] } as const;

describe("run", () => {
  test("resolves to main's value [test_runners: test_asyncio_run_return]", async () => {
    assert.equal(await run(async () => 42), 42);
    assert.equal(await run(() => 43), 43);
    assert.equal(await run(coroutine(async (n: number) => n)(44)), 44);
  });

  test("rejects with main's own error [test_runners: test_asyncio_run_raises]", async () => {
    const error = new Error("no");
    await assert.rejects(
      run(() => Promise.reject(error)),
      (thrown) => thrown === error,
    );
  });

  test("refuses what is not a function or a coroutine [test_runners: test_asyncio_run_only_coro, test_run_future]", async () => {
    await assert.rejects(run(Promise.resolve(1) as never), /run: expected a function, got a promise/);
    await assert.rejects(run(new Future() as never), /run: expected a function, got an object \(Future\)/);
    await assert.rejects(run(undefined as never), TypeError);
  });

  test("is the scope of currentRun(), and outside there is one that never stops", async () => {
    assert.equal(currentRun().name, "no run");
    assert.equal(currentRun().cancel(), false);
    await run(
      () => {
        assert.equal(currentRun().name, "mine");
        assert.equal(currentTask()?.name, "main");
      },
      { name: "mine" },
    );
  });

  test("cancels and awaits the tasks that main leaves over, and returns main's value [test_runners: test_asyncio_run_cancels_hanging_tasks]", async () => {
    const events: string[] = [];
    const value = await run(async () => {
      createTask(async () => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(0));
          events.push("cleaned");
        }
      });
      await sleep(0);
      return "main";
    });
    assert.deepEqual([value, events], ["main", ["cleaned"]]);
  });

  test("also awaits the tasks that left-over tasks create while they unwind", async () => {
    const events: string[] = [];
    await run(async () => {
      createTask(async () => {
        try {
          await sleepForever();
        } finally {
          createTask(() => events.push("never starts"));
          await shield(async () => {
            await createTask(async () => {}).catch((error: unknown) =>
              events.push(isCancelled(error) ? "cancelled" : ""),
            );
          });
        }
      });
      await sleep(0);
    });
    assert.deepEqual(events, ["cancelled"]);
  });

  test("reports what left-over tasks throw while they are cancelled [test_runners: test_asyncio_run_reports_hanging_tasks_errors]", async (t) => {
    const report = t.mock.method(console, "error", () => {});
    const error = new Error("in clean-up");
    const leave = async (): Promise<string> => {
      createTask(
        async () => {
          try {
            await sleepForever();
          } finally {
            // oxlint-disable-next-line no-unsafe-finally -- the clean-up that fails is the subject
            throw error;
          }
        },
        { name: "untidy" },
      );
      await sleep(0);
      return "value";
    };
    assert.equal(await run(leave), "value");
    assert.match(String(report.mock.calls[0]?.arguments[0]), /untidy was left over by main/);
    assert.equal(report.mock.calls[0]?.arguments[1], error);
    const seen: unknown[] = [];
    assert.equal(await run(leave, { onUnhandledError: (thrown, task) => seen.push(thrown, task.name) }), "value");
    assert.deepEqual(seen, [error, "untidy"]);
  });

  test("fails when a task fails and one turn later nobody has looked", async () => {
    const error = new Error("unretrieved");
    let cancelledMain = false;
    await assert.rejects(
      run(async () => {
        createTask(() => Promise.reject(error));
        await sleepForever().catch((thrown: unknown) => {
          cancelledMain = isCancelled(thrown);
          throw thrown;
        });
      }),
      (thrown) => thrown === error,
    );
    assert.equal(cancelledMain, true);
  });

  test("fails for a failure that nobody had time to look at before main ended", async () => {
    const error = new Error("at the last moment");
    const main = async (): Promise<string> => {
      createTask(() => Promise.reject(error), { eager: true });
      return "value";
    };
    await assert.rejects(run(main), (thrown) => thrown === error);
  });

  test("does not fail for a failed task that somebody awaits within the turn", async () => {
    await run(async () => {
      const task = createTask(() => Promise.reject(new Error("seen")));
      await assert.rejects(task.then(), /seen/);
      await sleep(5);
    });
  });

  test("does not fail for a failed task that was read, or given a done-callback, within the turn", async () => {
    await run(async () => {
      const read = createTask(() => Promise.reject(new Error("seen")));
      const called = createTask(() => Promise.reject(new Error("seen")));
      called.addDoneCallback(() => {});
      await sleep(0);
      await sleep(0);
      assert.equal((read.exception() as Error).message, "seen");
      await sleep(5);
    });
  });

  test("throws main's error with unretrieved ones suppressed in it", async () => {
    const main = new Error("main");
    const other = new Error("other");
    const failing = run(async () => {
      createTask(() => Promise.reject(other), { eager: true });
      await sleep(0);
      throw main;
    });
    await assert.rejects(failing, (thrown) => thrown === main && Object.hasOwn(main, "suppressed"));
    assert.deepEqual((main as Error & { suppressed: unknown }).suppressed, [other]);
  });

  test("closes the generators of left-over tasks in the end, also when main and those tasks fail [test_runners: test_asyncio_run_closes_gens_after_hanging_tasks_errors]", async (t) => {
    t.mock.method(console, "error", () => {});
    const log: string[] = [];
    async function* numbers(): AsyncGenerator<number> {
      try {
        for (let number = 0; ; number += 1) {
          yield number;
          await sleep("1h");
        }
      } finally {
        await shield(() => sleep(1));
        log.push("the generator is closed");
      }
    }
    const spin = async (): Promise<void> => {
      try {
        for await (const number of numbers()) log.push(`number ${number}`);
      } catch {
        throw new RangeError("while it was cancelled");
      }
    };
    const main = async (): Promise<never> => {
      createTask(spin);
      await sleep(1);
      throw new Error("main's own");
    };
    await assert.rejects(run(main), /main's own/);
    assert.deepEqual(log, ["number 0", "the generator is closed"]);
  });

  test("resolves to main's value although its task was cancelled and it caught that [test_runners: test_asyncio_run_without_uncancel]", async () => {
    const main = async (): Promise<string> => {
      currentTask()?.cancel("a timeout written by hand");
      try {
        await sleep("1h");
      } catch (error) {
        assert.ok(isCancelled(error));
      }
      return "a value";
    };
    assert.equal(await run(main), "a value");
  });

  test("is cancelled by its signal, whose reason is the cancellation's; the listener is removed", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = run(
      async () => {
        controller.abort(reason);
        await sleepForever();
      },
      { ...quiet, signal: controller.signal },
    );
    await assert.rejects(running, (error) => error instanceof CancelledError && error.reason === reason);
  });

  test("does not call main when its signal was aborted before", async () => {
    let called = false;
    const running = run(() => (called = true), { ...quiet, signal: AbortSignal.abort() });
    await assert.rejects(running, CancelledError);
    assert.equal(called, false);
  });

  test("can be active several times, side by side, each with its own tasks", async () => {
    const order: string[] = [];
    const first = run(
      async () => {
        await sleep(2);
        order.push(currentRun().name);
      },
      { name: "first" },
    );
    const second = run(
      async () => {
        createTask(() => sleepForever());
        order.push(currentRun().name);
      },
      { name: "second" },
    );
    await second;
    await first;
    assert.deepEqual(order, ["second", "first"]);
  });

  test("inside a run is a child scope, cancelled with the outer one [test_runners: test_recursive_run, test_asyncio_run_from_running_loop]", async () => {
    const events: unknown[] = [];
    const outer = run(
      async () => {
        setImmediate(() => events.push("host turn"));
        const scope = currentRun();
        await run(
          async () => {
            createTask(async () => {
              scope.cancel("outer");
            });
            await sleepForever();
          },
          { name: "inner" },
        ).catch((error: unknown) => {
          events.push((error as CancelledError).scope.name);
          throw error;
        });
      },
      { name: "outer" },
    );
    await assert.rejects(outer, (error) => error instanceof CancelledError && error.reason === "outer");
    assert.deepEqual(events, ["outer"]);
  });

  test("inside a run that is cancelled in the same tick rejects with the outer cancellation", async () => {
    await run(async () => {
      const started = new Future<Run>();
      const task = createTask(() =>
        run(async () => {
          started.setResult(currentRun());
          await sleepForever();
        }),
      );
      (await started).cancel("inner");
      task.cancel("outer");
      await assert.rejects(
        async () => await task,
        (error) => isCancelled(error) && error.reason === "outer",
      );
      assert.equal(task.cancelled(), true);
    }, quiet);
  });

  test("inside a run ends its own left-over tasks, and leaves those of the outer one", async () => {
    await run(async () => {
      const outer = createTask(() => sleep(1, "outer"));
      let inner = createTask(() => sleep(0, ""));
      await run(() => {
        inner = createTask(() => sleep("1h", "inner"));
      });
      assert.equal(inner.cancelled(), true);
      assert.equal(await outer, "outer");
    });
  });

  test("bounds all shields by its grace", () =>
    simulate(async () => {
      const failing = run(
        async () => {
          createTask(async () => {
            await sleep("1s");
            currentRun().cancel();
          });
          await shield(() => sleep("1h"), { grace: Infinity });
        },
        { ...quiet, grace: "3s" },
      );
      await assert.rejects(failing, CancelledError);
      assert.equal(getRunningLoop().time(), 4_000);
    }));

  test("lets detached work wait in it, whatever became of the caller", async () => {
    await run(async () => {
      let opened: Promise<string> | undefined;
      await taskGroup(async (group) => {
        group.createTask(async () => {
          opened = detached(() => sleep(1, "opened"));
          group.cancel();
          throwIfCancelled();
        });
      });
      assert.equal(await opened, "opened");
    });
  });
});
