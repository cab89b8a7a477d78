import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  coroutine,
  createTask,
  type Future,
  gather,
  interruptible,
  type Job,
  race,
  sleep,
  taskGroup,
  timeout,
} from "tsyncio";
import { runProgram } from "../program.ts";
import { at, warningsOf } from "./warnings.ts";

const load = coroutine(async (id: number) => sleep(0, id));
const here = "coroutines-and-jobs.test.ts";

describe("a coroutine that is never awaited", () => {
  test("is reported when its run ends, with the place of the call", async () => {
    async function main(): Promise<void> {
      await load(1);
      load(2);
    }
    const [warning, ...more] = await warningsOf(main);
    assert.equal(warning?.code, "TSYNCIO_NEVER_AWAITED");
    assert.match(warning.message, /^the coroutine anonymous\(\) was never awaited; it was called at main/);
    assert.match(warning.message, at("main", here));
    assert.deepEqual(more, []);
  });

  test("is reported once it is garbage, while the run goes on", async () => {
    const { lines } = await runProgram(
      `import { once } from "node:events";
      import { coroutine, getRunningLoop, interruptible, run, sleep } from "tsyncio";
      const load = coroutine(async function load() {});
      process.on("warning", ({ code, message }) => console.log(code, message.split(";")[0]));
      getRunningLoop().slowCallbackDuration = Infinity;
      await run(async () => {
        (() => void load())();
        await sleep(1);
        gc();
        await interruptible(once(process, "warning"));
        console.log("still running");
      });`,
      { flags: ["--expose-gc"], env: { TSYNCIO_DEBUG: "1" } },
    );
    assert.deepEqual(lines, ["TSYNCIO_NEVER_AWAITED the coroutine load() was never awaited", "still running"]);
  });

  test("is reported outside any run before the process exits", async () => {
    const { errors } = await runProgram(
      `import { coroutine } from "tsyncio";
      export const kept = coroutine(async function load() {})();`,
      { env: { TSYNCIO_DEBUG: "1" } },
    );
    assert.match(errors, /TSYNCIO_NEVER_AWAITED\] TsyncioWarning: the coroutine load\(\) was never awaited/);
  });

  test("is not one that was handed to a task, a group or a combinator, though it never began", async () => {
    const warnings = await warningsOf(async () => {
      createTask(load(1)).cancel();
      await taskGroup((group) => void group.createTask(load(2)).cancel());
      await race([() => 1, load(3)]);
      const failing = gather([() => Promise.reject(new Error("first")), load(4), load(5)], { limit: 1 });
      await assert.rejects(failing, /first/);
      await timeout("1s", () => load(6));
    });
    assert.deepEqual(warnings, []);
  });

  test("is not reported without debug mode", async () => {
    assert.deepEqual(await warningsOf(async () => void load(1), false), []);
  });
});

describe("a promise where a job belongs", () => {
  const untyped = (promise: Promise<unknown>): Job<unknown> => promise as unknown as Future<unknown>;

  test("works, and is warned of once for each place", async () => {
    async function main(): Promise<void> {
      for (let round = 0; round < 3; round += 1) await gather([() => 1, untyped(sleep(0, 2))]);
      await gather([untyped(sleep(0))]);
    }
    const warnings = await warningsOf(main);
    assert.deepEqual(
      warnings.map(({ code, message }) => `${code} ${message.split(",")[0]}`),
      ["TSYNCIO_PROMISE_AS_JOB gather: job 1: expected a job", "TSYNCIO_PROMISE_AS_JOB gather: job 0: expected a job"],
    );
    for (const { message } of warnings) assert.match(message, at("main", here));
  });

  test("is nothing to be warned of where it is meant: in interruptible, in a function, without debug mode", async () => {
    const meant = async (): Promise<void> => {
      await interruptible(sleep(0));
      await gather([() => sleep(0), async () => sleep(0)]);
    };
    assert.deepEqual(await warningsOf(meant), []);
    assert.deepEqual(await warningsOf(() => gather([untyped(sleep(0))]), false), []);
  });
});
