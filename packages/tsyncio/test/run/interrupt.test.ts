import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ending, runProgram, startProgram } from "../kernel/program.ts";

const imports = `
  import { createTask, currentTask, Future, isCancelled, run, Runner, sleep, sleepForever } from "tsyncio";
  const inRun = run;
  const inRunner = async (main, options) => { await using runner = new Runner(options); return await runner.run(main); };
`;

/** Starts a program, and interrupts it as a terminal does when it has printed "ready". */
async function interrupted(source: string): Promise<Ending> {
  const program = startProgram(imports + source);
  await program.printed("ready");
  program.child.kill("SIGINT");
  return program.ended;
}

for (const way of ["inRun", "inRunner"]) {
  describe(`Ctrl+C ${way === "inRun" ? "in a run" : "in a Runner"}`, { concurrency: 2 }, () => {
    test("cancels a main that never waits for long, but only lets the others run [test_runners: test_interrupt_call_soon]", async () => {
      const ending = await interrupted(`
        await ${way}(async () => {
          console.log("ready");
          for (;;) await sleep(0);
        }).catch((error) => console.log(isCancelled(error), error.reason));`);
      assert.deepEqual(ending, { status: 130, lines: ["ready", "true SIGINT"], errors: "" });
    });

    test("cancels a main that awaits a future, and leaves the future as it is [test_runners: test_interrupt_wait]", async () => {
      const ending = await interrupted(`
        const future = new Future();
        const alive = setInterval(() => {}, 1000);
        await ${way}(async () => {
          console.log("ready");
          await future.catch((error) => { console.log(error.reason); throw error; });
        }).catch(() => {});
        clearInterval(alive);
        console.log(future.done());`);
      assert.deepEqual(ending, { status: 130, lines: ["ready", "SIGINT", "false"], errors: "" });
    });

    test("cancels a main that catches everything at its next wait again, and it ends by the signal", async () => {
      const ending = await interrupted(`
        await ${way}(async () => {
          console.log("ready");
          await sleepForever().catch(() => {});
          await sleep(1).catch(() => console.log("again"));
          await sleep(1);
        }).catch((error) => console.log(error.reason));`);
      assert.deepEqual(ending, { status: 130, lines: ["ready", "again", "SIGINT"], errors: "" });
    });

    test("on a main that is cancelled already still ends the process by the signal: outer wins [test_runners: test_interrupt_cancelled_task]", async () => {
      const ending = await interrupted(`
        await ${way}(async () => {
          const main = currentTask();
          process.prependOnceListener("SIGINT", () => main.cancel("cancelled first"));
          process.on("exit", () => console.log("exit"));
          console.log("ready");
          await sleepForever();
        }).catch((error) => console.log(isCancelled(error), error.reason));`);
      assert.deepEqual([ending.status, ending.lines], [130, ["ready", "true SIGINT"]]);
    });

    test("takes away nobody else's handlers, and leaves none of its own [test_runners: test_interrupt_call_soon]", async () => {
      const { lines } = await runProgram(`${imports}
        const mine = () => {};
        process.on("SIGINT", mine);
        await ${way}(async () => console.log(process.listeners("SIGINT").length));
        console.log(process.listeners("SIGINT").length, process.listeners("SIGINT")[0] === mine);
        console.log(process.listenerCount("SIGTERM"));`);
      assert.deepEqual(lines, ["2", "1 true", "0"]);
    });
  });
}

describe("where no signal can arrive", () => {
  test("in a worker thread, a run and a Runner work all the same [test_runners: test_signal_install_not_supported_ok]", async () => {
    const { status, lines, errors } = await runProgram(`
      import { isMainThread, parentPort, Worker } from "node:worker_threads";
      import { fileURLToPath } from "node:url";
      import { createTask, run, Runner, sleep, sleepForever } from "tsyncio";
      if (isMainThread) new Worker(fileURLToPath(import.meta.url)).on("message", (line) => console.log(line));
      else {
        parentPort.postMessage(await run(() => sleep(1, "a run")));
        await using runner = new Runner();
        parentPort.postMessage(await runner.run(() => sleep(1, "a runner")));
        await runner.run(() => { createTask(() => sleepForever()); });
      }`);
    assert.deepEqual({ status, lines, errors }, { status: 0, lines: ["a run", "a runner"], errors: "" });
  });
});
