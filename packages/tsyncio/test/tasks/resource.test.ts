import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cancelScope,
  createTask,
  detached,
  gather,
  isCancelled,
  map,
  resource,
  run,
  sleep,
  sleepForever,
  taskGroup,
  timeout,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { runProgram } from "../kernel/program.ts";

describe("resource", () => {
  const open = (log: string[], name: string): Promise<string> =>
    resource(
      async () => {
        await sleep(0);
        log.push(`open ${name}`);
        return name;
      },
      async (value) => {
        await sleep(0);
        log.push(`close ${value}`);
      },
    );

  test("is closed when the surrounding task, group or run ends, last opened first", async () => {
    const log: string[] = [];
    await createTask(async () => {
      assert.equal(await open(log, "a"), "a");
      await open(log, "b");
      await timeout("1h", () => open(log, "c"));
      log.push("body ends");
    });
    assert.deepEqual(log.splice(0), ["open a", "open b", "open c", "body ends", "close c", "close b", "close a"]);
    await taskGroup(async () => {
      await open(log, "in a group");
    });
    assert.deepEqual(log.splice(0), ["open in a group", "close in a group"]);
    await run(() => detached(() => open(log, "detached")));
    assert.deepEqual(log, ["open detached", "close detached"]);
  });

  test("is closed, shielded, before a cancelled or failed task has ended", async () => {
    const log: string[] = [];
    const cancelled = createTask(async () => {
      await open(log, "a");
      await sleepForever();
    });
    await sleep(5);
    await cancelled.cancelAndWait();
    assert.deepEqual([log.splice(0), cancelled.cancelled()], [["open a", "close a"], true]);
    const failed = createTask(async () => {
      await open(log, "b");
      throw new Error("no");
    });
    await assert.rejects(failed.then(), /no/);
    assert.deepEqual(log, ["open b", "close b"]);
  });

  test("makes its task fail when its close fails, after all others were closed", async () => {
    const log: string[] = [];
    const task = createTask(async () => {
      await open(log, "first");
      await resource(
        () => 1,
        () => Promise.reject(new Error("close failed")),
      );
    });
    await assert.rejects(task.then(), /close failed/);
    assert.deepEqual(log, ["open first", "close first"]);
  });

  test("is closed as often as it was opened, wherever between two microtasks the cancellation strikes", async () => {
    for (let offset = 0; offset < 60; offset += 1) {
      let opened = 0;
      let closed = 0;
      const task = createTask(async () => {
        await resource(
          async () => {
            await sleep(0);
            await Promise.resolve();
            opened += 1;
            return opened;
          },
          async () => {
            await sleep(0);
            closed += 1;
          },
        );
        await sleepForever();
      });
      for (let i = 0; i < offset; i += 1) await Promise.resolve();
      await task.cancelAndWait();
      assert.equal(task.cancelled(), true);
      assert.equal(opened, closed, `after ${offset} microtasks`);
    }
  });

  test("is opened to its end although the cancellation comes meanwhile, then closed at once", () =>
    simulate(async () => {
      const log: string[] = [];
      const error = await createTask(() =>
        timeout("1s", () =>
          resource(
            () => sleep("2s", "slow").then((value) => (log.push("opened"), value)),
            () => void log.push("closed"),
          ),
        ),
      ).catch((thrown: unknown) => thrown);
      assert.equal((error as Error).name, "TimeoutError");
      assert.deepEqual(log, ["opened", "closed"]);
    }));

  test("is not opened in a scope that is cancelled already", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      const opening = resource(
        () => assert.fail("never called"),
        () => {},
      );
      await assert.rejects(opening, isCancelled);
    });
  });

  test("of a combinator's job lives on with the caller; that of a job that failed does not", async () => {
    const log: string[] = [];
    await createTask(async () => {
      await gather([() => open(log, "gathered")]);
      await map([1], () => open(log, "mapped"));
      const failing = gather([
        async () => {
          await open(log, "failing");
          throw new Error("no");
        },
      ]);
      await assert.rejects(failing, /no/);
      log.push("body ends");
    });
    assert.deepEqual(log, [
      "open gathered",
      "open mapped",
      "open failing",
      "close failing",
      "body ends",
      "close mapped",
      "close gathered",
    ]);
  });

  test("outside of all tasks is closed before the process exits", async () => {
    const { status, lines } = await runProgram(`
      import { resource } from "tsyncio";
      await resource(() => console.log("open"), () => console.log("close"));
      console.log("end");`);
    assert.deepEqual([status, lines], [0, ["open", "end", "close"]]);
  });

  test("outside of all tasks whose close fails ends the process with that error", async () => {
    const { status, errors } = await runProgram(`
      import { resource } from "tsyncio";
      await resource(() => 1, () => { throw new Error("cannot close"); });`);
    assert.equal(status, 1);
    assert.match(errors, /cannot close/);
  });

  test("refuses what is no function", async () => {
    await assert.rejects(
      resource(1 as never, () => {}),
      /resource: open: expected a function/,
    );
    await assert.rejects(
      resource(() => {}, 1 as never),
      /resource: close: expected a function/,
    );
  });
});
