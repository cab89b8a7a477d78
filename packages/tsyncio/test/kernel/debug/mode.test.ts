import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, getRunningLoop, run, Runner, sleep } from "tsyncio";
import { runProgram } from "../program.ts";

describe("debug mode", () => {
  test("ends with the run that wanted it [test_base_events: test_set_debug; test_runners: test_asyncio_run_debug]", async () => {
    await run(async () => assert.equal(getRunningLoop().debug, true), { debug: true });
    assert.equal(getRunningLoop().debug, false);
  });

  test("ends with the runner that wanted it [test_runners: test_debug, test_non_debug]", async () => {
    const runner = new Runner({ debug: true });
    await runner.run(async () => assert.equal(getRunningLoop().debug, true));
    await runner.close();
    assert.equal(getRunningLoop().debug, false);
  });

  test("ends with the last of several runs side by side", async () => {
    const first = run(() => sleep(1), { debug: true });
    const second = run(
      async () => {
        await first;
        assert.equal(getRunningLoop().debug, true);
      },
      { debug: true },
    );
    await second;
    assert.equal(getRunningLoop().debug, false);
  });

  test("stays on after a run if it was on before", async (t) => {
    const loop = getRunningLoop();
    loop.debug = true;
    t.after(() => (loop.debug = false));
    await run(async () => {}, { debug: true });
    assert.equal(loop.debug, true);
  });

  test("is on from the beginning, and outside any run, with TSYNCIO_DEBUG=1 [test_tasks: test_env_var_debug; test_base_events: test_env_var_debug]", async () => {
    const source = `
      import { getRunningLoop, run } from "tsyncio";
      console.log(getRunningLoop().debug);
      await run(async () => console.log(getRunningLoop().debug));
      console.log(getRunningLoop().debug);`;
    const debugged = await runProgram(source, { env: { TSYNCIO_DEBUG: "1" } });
    assert.deepEqual(debugged.lines, ["true", "true", "true"]);
    const plain = await runProgram(source, { env: { TSYNCIO_DEBUG: "0" } });
    assert.deepEqual(plain.lines, ["false", "false", "false"]);
  });

  test("leaves Error.stackTraceLimit as it is", async () => {
    const { stackTraceLimit } = Error;
    await run(() => createTask(() => sleep(1)), { debug: true });
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
  });
});
