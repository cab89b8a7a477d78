import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { getRunningLoop, run, Runner } from "tsyncio";
import { runProgram } from "./program.ts";

/** Keeps the thread until the clock has moved on. */
function blockFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("debug mode warns of a callback that keeps the thread too long", async () => {
  const warned = once(process, "warning") as Promise<[Error & { code?: string }]>;
  await run(
    async () => {
      const loop = getRunningLoop();
      loop.slowCallbackDuration = 5;
      loop.callSoon(() => blockFor(10));
      const [warning] = await warned;
      assert.equal(warning.code, "TSYNCIO_SLOW_CALLBACK");
      loop.slowCallbackDuration = 100;
    },
    { debug: true },
  );
});

test("debug mode ends with the run that wanted it", async () => {
  await run(async () => assert.equal(getRunningLoop().debug, true), { debug: true });
  assert.equal(getRunningLoop().debug, false);
});

test("debug mode ends with the runner that wanted it", async () => {
  const runner = new Runner({ debug: true });
  await runner.run(async () => assert.equal(getRunningLoop().debug, true));
  await runner.close();
  assert.equal(getRunningLoop().debug, false);
});

describe("debug mode by the environment", { concurrency: 2 }, () => {
  const program = `
    import { getRunningLoop, run, Runner } from "tsyncio";
    const inRun = (options) => run(() => getRunningLoop().debug, options);
    const inRunner = async (options) => {
      await using runner = new Runner(options);
      return await runner.run(() => getRunningLoop().debug);
    };
    for (const debug of [inRun, inRunner]) {
      console.log(await debug({}), await debug({ debug: true }), await debug({ debug: false }));
    }`;

  test("is off by default, and on or off as an option says [test_runners: test_asyncio_run_debug, test_debug, test_non_debug]", async () => {
    const { lines } = await runProgram(program, { env: { TSYNCIO_DEBUG: "0" } });
    assert.deepEqual(lines, ["false true false", "false true false"]);
  });

  test("is on with TSYNCIO_DEBUG=1, unless an option says otherwise [test_base_events: test_env_var_debug; test_runners: test_asyncio_run_debug]", async () => {
    const { lines } = await runProgram(program, { env: { TSYNCIO_DEBUG: "1" } });
    assert.deepEqual(lines, ["true true false", "true true false"]);
  });
});
