import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import {
  coroutine,
  createTask,
  currentRun,
  Future,
  InvalidStateError,
  isCancelled,
  moveOnAfter,
  resource,
  Runner,
  shield,
  sleep,
  sleepForever,
  TimeoutError,
  timeout,
} from "../../src/index.ts";
import { explore, simulate } from "../../src/testing.ts";
import { runProgram } from "../kernel/program.ts";

describe("Runner", () => {
  test("runs several mains in one run: what one leaves over goes on [test_runners: test_run]", () =>
    simulate(async () => {
      await using runner = new Runner({ name: "mine" });
      const log: string[] = [];
      const future = await runner.run(async () => {
        const answer = new Future<string>();
        createTask(async () => {
          log.push(`asked ${await answer}`);
        });
        assert.equal(currentRun().name, "mine");
        return { answer };
      });
      assert.equal(await runner.run(() => 42), 42);
      await runner.run(
        coroutine(async () => {
          future.answer.setResult("politely");
          await sleep(1);
        })(),
      );
      assert.deepEqual(log, ["asked politely"]);
      await assert.rejects(
        runner.run(() => Promise.reject(new Error("no"))),
        /no/,
      );
      assert.equal(await runner.run(() => "on"), "on", "a main's error ends only that main");
    }));

  test("starts each main in the async context of its own making [test_runners: test_run_keeps_context]", async () => {
    const storage = new AsyncLocalStorage<string>();
    await using runner = storage.run("kept", () => new Runner({ signals: [] }));
    for (const caller of ["a", "b"]) {
      assert.equal(await storage.run(caller, () => runner.run(async () => storage.getStore())), "kept");
    }
  });

  test("that is closed has cancelled and awaited what was left over, and closed its resources", () =>
    simulate(async () => {
      const log: string[] = [];
      const runner = new Runner();
      await runner.run(async () => {
        createTask(async () => {
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep(5));
            log.push("unwound");
          }
        });
        await sleep(1);
        await runner.run(() => {}).catch((error: unknown) => log.push(String(error)));
      });
      await runner.run(() => sleep(1));
      assert.equal(log.length, 1);
      assert.match(String(log.shift()), /InvalidStateError: run: runner runs a main already/);
      await runner.close();
      assert.deepEqual(log, ["unwound"]);
    }));

  test("can be closed twice, and is of no use afterwards [test_runners: test_explicit_close, test_double_close, test_second_with_block_raises]", () =>
    simulate(async () => {
      const log: string[] = [];
      const runner = new Runner();
      await runner.run(async () => {
        createTask(() =>
          resource(
            () => "opened",
            () => void log.push("closed"),
          ).then(sleepForever),
        );
        await sleep(1);
      });
      await Promise.all([runner.close(), runner.close()]);
      assert.deepEqual(log, ["closed"]);
      await runner.close();
      await assert.rejects(
        runner.run(() => assert.fail("called")),
        /InvalidStateError: run: runner is closed/,
      );
    }));

  test("refuses what is not a function or a coroutine, and a close from inside [test_runners: test_run_non_coro, test_run_future]", () =>
    simulate(async () => {
      await using runner = new Runner();
      await assert.rejects(runner.run(Promise.resolve() as never), /Runner.run: expected a function, got a promise/);
      await assert.rejects(
        runner.run(() => runner.close()),
        InvalidStateError,
      );
    }));

  test("cancels main with its caller, awaits it, and can be used again", () =>
    simulate(async () => {
      await using runner = new Runner();
      const log: string[] = [];
      const main = async (): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(5));
          log.push("unwound");
        }
      };
      await assert.rejects(
        timeout(10, () => runner.run(main)),
        TimeoutError,
      );
      assert.deepEqual(log, ["unwound"]);
      assert.equal(await moveOnAfter(10, () => runner.run(async () => sleep(5, "in time"))), "in time");
    }));

  test("is cancelled with the scope in which it was made", () =>
    simulate(async () => {
      const outer = createTask(async () => {
        await using runner = new Runner();
        await runner.run(() => sleepForever());
      });
      await sleep(1);
      outer.cancel("all of it");
      await assert.rejects(outer.then(), (error) => isCancelled(error) && error.reason === "all of it");
    }));

  test("rejects main with the failure of a task that nobody looked at, and runs no more", () =>
    simulate(async () => {
      const runner = new Runner();
      const failing = runner.run(async () => {
        createTask(() => Promise.reject(new Error("unseen")));
        await sleepForever();
      });
      await assert.rejects(failing, /unseen/);
      await assert.rejects(
        runner.run(() => assert.fail("called")),
        InvalidStateError,
      );
      await runner.close();
    }));

  test("throws such a failure from close() when no main ran that could", () =>
    simulate(async () => {
      const runner = new Runner();
      await runner.run(() => {
        createTask(async () => {
          await sleep(5);
          throw new Error("unseen");
        });
      });
      await sleep(10);
      await assert.rejects(
        runner.run(() => assert.fail("called")),
        /runner was cancelled, and can only be closed/,
      );
      await assert.rejects(runner.close(), /unseen/);
      await runner.close();
    }));

  test("hands such a failure to onUnhandledError, if that was given", () =>
    simulate(async () => {
      const seen: string[] = [];
      await using runner = new Runner({
        onUnhandledError: (error, task) => seen.push(`${task.name}: ${String(error)}`),
      });
      await runner.run(async () => {
        createTask(() => Promise.reject(new Error("unseen")), { name: "loner" });
        await sleep(5);
      });
      assert.deepEqual(seen, ["loner: Error: unseen"]);
    }));

  test("is cancelled by its signal option, and stops listening when it is closed", async () => {
    const controller = new AbortController();
    const runner = new Runner({ signal: controller.signal, signals: [] });
    const waiting = runner.run(() => sleepForever());
    controller.abort("enough");
    await assert.rejects(waiting, (error) => isCancelled(error) && error.reason === "enough");
    await runner.close();
  });

  test("ends all that its mains started, whenever it is closed, in all orders", () =>
    explore(async () => {
      const runner = new Runner();
      let running = 0;
      const work = async (): Promise<void> => {
        running += 1;
        try {
          await sleep(2);
        } finally {
          await shield(() => sleep(1));
          running -= 1;
        }
      };
      const mains = createTask(async () => {
        for (let count = 0; count < 3; count += 1) {
          await runner.run(async () => {
            createTask(work);
            await work();
          });
        }
      });
      const closing = createTask(async () => {
        await sleep(4);
        await runner.close();
        assert.equal(running, 0);
      });
      await closing;
      await assert.rejects(mains.then(), (error) => isCancelled(error) || error instanceof InvalidStateError);
      await sleep(10);
      assert.equal(running, 0);
    }));

  test("ends by SIGINT as a run does, after the clean-up of main and of what was left over", async () => {
    const { status, lines } = await runProgram(`
      import { createTask, Runner, sleepForever } from "tsyncio";
      await using runner = new Runner();
      const clean = (name) => async () => { try { await sleepForever(); } finally { console.log(name); } };
      await runner.run(() => { createTask(clean("left over")); });
      await runner.run(async () => { setImmediate(() => process.kill(process.pid, "SIGINT")); await clean("main")(); });
      console.log("not reached");`);
    assert.deepEqual(lines.toSorted(), ["left over", "main"]);
    assert.equal(status, 130);
  });

  test("rejects a main that nothing can wake with a DeadlockError", async () => {
    const { status, lines } = await runProgram(`
      import { Future, Runner } from "tsyncio";
      await using runner = new Runner();
      await runner.run(() => new Future({ name: "the forgotten" })).catch((error) => console.log(error.message));
      await runner.run(() => {}).catch((error) => console.log(error.message));`);
    assert.deepEqual(lines, [
      "runner cannot go on: everything waits, and nothing is left that could wake it",
      "  main waits for the forgotten",
      "run: runner is closed",
    ]);
    assert.equal(status, 0);
  });
});
