import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { run, sleepForever } from "../../src/index.ts";
import { SimulatedLoop } from "../../src/testing/simulated-loop.ts";
import { type Ending, startProgram } from "../kernel/program.ts";

const imports = `
  import { createTask, currentRun, isCancelled, run, shield, sleep, sleepForever, suspend, taskGroup } from "tsyncio";
`;

/** Starts a program, sends the signals, each once the line before it is printed, and waits for the end. */
async function signalled(source: string, ...sending: readonly (readonly [string, NodeJS.Signals])[]): Promise<Ending> {
  const program = startProgram(imports + source);
  for (const [line, signal] of sending) {
    await program.printed(line);
    program.child.kill(signal);
  }
  return program.ended;
}

const waiting = `async () => { console.log("ready"); try { await sleepForever(); } finally { console.log("cleaned"); } }`;

describe("a signal", { concurrency: 2 }, () => {
  test("cancels a run on another loop than Node's, and leaves that loop's timers alone", async () => {
    const main = async (): Promise<string> => {
      process.emit("SIGTERM");
      await sleepForever().catch(() => {});
      return "a value, so the process goes on";
    };
    assert.match(await run(main, { loop: new SimulatedLoop(0), signals: ["SIGTERM"] }), /a value/);
  });

  for (const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    test(`${signal} cancels an awaited run, and the process ends by it (status ${status})`, async () => {
      const ending = await signalled(`await run(${waiting}); console.log("not reached");`, ["ready", signal]);
      assert.deepEqual(ending, { status, lines: ["ready", "cleaned"], errors: "" });
    });

    test(`${signal} cancels a run that nobody awaits, and the process ends by it (status ${status})`, async () => {
      const ending = await signalled(`run(${waiting});`, ["ready", signal]);
      assert.deepEqual(ending, { status, lines: ["ready", "cleaned"], errors: "" });
    });
  }

  test("is the reason of the CancelledError with which run rejects, and what follows in the same turn runs", async () => {
    const ending = await signalled(
      `try { await run(${waiting}); } catch (error) { console.log(isCancelled(error), error.reason); }`,
      ["ready", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 143, lines: ["ready", "cleaned", "true SIGTERM"], errors: "" });
  });

  test("does not end the process when the run returned a value", async () => {
    const ending = await signalled(
      `const value = await run(async () => {
        console.log("ready");
        try { await sleepForever(); } catch { return "saved"; }
      });
      console.log(value);
      await sleep(5);
      console.log("on");`,
      ["ready", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 0, lines: ["ready", "saved", "on"], errors: "" });
  });

  test("does not end the process when the program listens to it too, which then handles the rejection", async () => {
    const ending = await signalled(
      `process.on("SIGTERM", () => console.log("mine"));
      await run(${waiting}).catch((error) => console.log("caught", error.reason));
      await sleep(5);
      console.log("on");`,
      ["ready", "SIGTERM"],
    );
    assert.equal(ending.status, 0);
    assert.deepEqual(ending.lines.toSorted(), ["caught SIGTERM", "cleaned", "mine", "on", "ready"]);
  });

  test("does not silence the run's error when the program listens to it too and nobody handles the error", async () => {
    const ending = await signalled(`process.on("SIGTERM", () => {}); await run(${waiting});`, ["ready", "SIGTERM"]);
    assert.equal(ending.status, 1);
    assert.match(ending.errors, /CancelledError/);
  });

  test("cancels all runs that list it; the process ends when the last has ended", async () => {
    const ending = await signalled(
      `run(${waiting}, { name: "quick" });
      await run(async () => {
        try { await sleepForever(); } finally { await shield(() => sleep(20)); console.log("slow cleaned"); }
      });`,
      ["ready", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 143, lines: ["ready", "cleaned", "slow cleaned"], errors: "" });
  });

  test("that a run does not list leaves it alone", async () => {
    const ending = await signalled(
      `const { promise, resolve } = Promise.withResolvers();
      const other = run(async () => { await promise; await sleep(0); console.log("other done"); }, { signals: [] });
      await run(${waiting}, { signals: ["SIGINT"] }).catch((error) => console.log(error.reason));
      resolve();
      await other;`,
      ["ready", "SIGINT"],
    );
    assert.deepEqual(ending, { status: 130, lines: ["ready", "cleaned", "SIGINT", "other done"], errors: "" });
  });

  test("finds its ordinary meaning again when no run is active", async () => {
    const ending = await signalled(
      `await run(async () => 1);
      console.log(process.listenerCount("SIGTERM"), process.listenerCount("SIGINT"), process.listenerCount("beforeExit"));
      console.log("after");
      await sleepForever();`,
      ["after", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 143, lines: ["0 0 0", "after"], errors: "" });
  });

  test("reaches a loop that swallows its cancellation: timers, the grace and the status work", async () => {
    const ending = await signalled(
      `setInterval(() => {}, 10);
      run(async () => {
        console.log("ready");
        for (;;) { try { await sleep(1000); } catch {} }
      }, { grace: "50ms" });`,
      ["ready", "SIGTERM"],
    );
    assert.equal(ending.status, 143);
    assert.match(ending.errors, /grace of 50 ms.*main/);
  });

  test("a second time ends the process at once and names the tasks that are not done", async () => {
    const ending = await signalled(
      `await run(async () => {
        createTask(async () => {
          try { await sleepForever(); } finally { await shield(() => suspend("a reply that never comes", () => {})); }
        }, { name: "stubborn" });
        console.log("ready");
        try { await sleepForever(); } finally { console.log("unwinding"); }
      });`,
      ["ready", "SIGINT"],
      ["unwinding", "SIGINT"],
    );
    assert.equal(ending.status, 130);
    assert.match(ending.errors, /a second SIGINT came; .*1 unfinished.*stubborn/);
  });

  test("ends the process when the clean-up overruns the grace, naming who overran", async () => {
    const ending = await signalled(
      `setInterval(() => {}, 1000);
      await run(async () => {
        await taskGroup(async (group) => {
          group.createTask(async () => { console.log("ready"); await new Promise(() => {}); }, { name: "deaf" });
        });
      }, { grace: "30ms" });`,
      ["ready", "SIGTERM"],
    );
    assert.equal(ending.status, 143);
    assert.match(ending.errors, /the grace of 30 ms is over.*main \(waits for the children of taskGroup\)/);
    assert.match(ending.errors, /deaf/);
  });

  test("cancels what a shield without a grace of its own protects when the grace of the run is over", async () => {
    const ending = await signalled(
      `await run(async () => {
        const body = async () => { console.log("ready"); await sleep("1h"); };
        await shield(body, { grace: Infinity }).catch((error) => { console.log(error.name); throw error; });
      }, { grace: "30ms" });`,
      ["ready", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 143, lines: ["ready", "CancelledError"], errors: "" });
  });

  test("only asks to stop while the drain lasts; a run that then finishes returns its value", async () => {
    const ending = await signalled(
      `const value = await run(async () => {
        const { stopping } = currentRun();
        console.log("ready", stopping.isSet());
        await stopping.wait();
        await sleep(5);
        return "drained";
      }, { drain: "10s" });
      console.log(value);`,
      ["ready false", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 0, lines: ["ready false", "drained"], errors: "" });
  });

  test("cancels when the drain is over", async () => {
    const ending = await signalled(`await run(${waiting}, { drain: "20ms" });`, ["ready", "SIGTERM"]);
    assert.deepEqual(ending, { status: 143, lines: ["ready", "cleaned"], errors: "" });
  });

  test("cancels a draining run when it comes a second time", async () => {
    const ending = await signalled(
      `await run(async () => {
        console.log("ready");
        currentRun().stopping.wait().then(() => console.log("draining"));
        try { await sleepForever(); } finally { console.log("cleaned"); }
      }, { drain: "1h" });`,
      ["ready", "SIGTERM"],
      ["draining", "SIGTERM"],
    );
    assert.deepEqual(ending, { status: 143, lines: ["ready", "draining", "cleaned"], errors: "" });
  });

  test("ends with its status although much output was still to be written", async () => {
    const ending = await signalled(
      `await run(async () => {
        console.log("ready");
        try { await sleepForever(); } finally { for (let i = 0; i < 20000; i += 1) console.log("line", i); }
      });`,
      ["ready", "SIGTERM"],
    );
    assert.deepEqual([ending.status, ending.lines.length, ending.lines.at(-1)], [143, 20_001, "line 19999"]);
  });
});
