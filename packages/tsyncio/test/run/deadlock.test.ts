import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ending, runProgram, startProgram } from "../kernel/program.ts";

const imports = `
  import { createTask, currentRun, DeadlockError, Future, interruptible, run, sleep, sleepForever, suspend, taskGroup, timeout,
    withSignal } from "tsyncio";
`;

function program(source: string): Promise<Ending> {
  return runProgram(imports + source);
}

describe("a run that nothing can wake", { concurrency: 2 }, () => {
  test("rejects with a DeadlockError instead of Node's silent status 13, after its clean-up", async () => {
    const { status, lines, errors } = await program(`
      try {
        await run(async () => { try { await new Future({ name: "the forgotten" }); } finally { console.log("cleaned"); } });
      } catch (error) { console.log(error instanceof DeadlockError, error.message); }
      console.log("on");`);
    assert.equal(errors, "");
    assert.deepEqual(lines, [
      "cleaned",
      "true run cannot go on: everything waits, and nothing is left that could wake it",
      "  main waits for the forgotten",
      "on",
    ]);
    assert.equal(status, 0);
  });

  test("ends the program with status 1 and the report when nobody catches the error", async () => {
    const { status, errors } = await program(`await run(() => new Future({ name: "the forgotten" }));`);
    assert.equal(status, 1);
    assert.match(errors, /DeadlockError: run cannot go on[\s\S]*main waits for the forgotten/);
  });

  test("lists each task and its wait, blocks included, and names the cycle", async () => {
    const { lines } = await program(`
      await run(async () => {
        await taskGroup(async (group) => {
          const first = group.createTask(async () => { await sleep(0); await second; }, { name: "first" });
          const second = group.createTask(() => taskGroup(async () => { await first; }), { name: "second" });
          group.createTask(() => suspend("a letter", () => {}), { name: "third" });
        });
      }).catch((error) => console.log(error.message));`);
    assert.deepEqual(lines.slice(1), [
      "  main waits for the children of taskGroup",
      "    first waits for second",
      "    second waits for first",
      "    third waits for a letter",
      "the cycle: first → second → first",
    ]);
  });

  test("names a cycle that goes through a parent", async () => {
    const { lines } = await program(`
      const main = { task: undefined };
      await run(async () => {
        const parent = createTask(() => taskGroup((group) => {
          group.createTask(async () => { await parent; }, { name: "child" });
        }), { name: "parent" });
        await parent;
      }).catch((error) => console.log(error.message));`);
    assert.equal(lines.at(-1), "the cycle: parent → child → parent");
  });

  test("is given up when its clean-up is stuck as well", async () => {
    const { status, errors } = await program(`
      await run(async () => { try { await new Future(); } finally { await new Promise(() => {}); } });`);
    assert.equal(status, 1);
    assert.match(errors, /DeadlockError/);
  });

  test("is noticed for each of several runs side by side", async () => {
    const { lines } = await program(`
      const stuck = (name) => run(() => new Future({ name }), { name }).catch((error) => error.message.split("\\n")[1]);
      console.log(await Promise.all([stuck("one"), stuck("two")]).then(String));`);
    assert.deepEqual(lines, ["  main waits for one,  main waits for two"]);
  });
});

describe("no deadlock is", { concurrency: 2 }, () => {
  const waits: Record<string, string> = {
    sleepForever: "sleepForever()",
    "a sleep": 'sleep("1h")',
    "a wait inside a timeout": 'timeout("1h", () => new Future())',
    "a call with a signal":
      "withSignal((signal) => new Promise((_, no) => { signal.onabort = () => no(signal.reason); }))",
    "an interruptible wait": "interruptible(new Promise(() => {}))",
    "the wait for a soft stop": "currentRun().stopping.wait()",
  };
  for (const [name, wait] of Object.entries(waits)) {
    test(`${name}: SIGTERM still finds it, cleans up and ends the process`, async () => {
      const running = startProgram(`${imports}
        process.on("beforeExit", () => console.log("nothing to do"));
        await run(async () => {
          setTimeout(() => console.log("ready"), 2);
          try { await ${wait}; } finally { console.log("cleaned"); }
        });`);
      await running.printed("ready");
      running.child.kill("SIGTERM");
      assert.deepEqual(await running.ended, { status: 143, lines: ["ready", "cleaned"], errors: "" });
    });
  }

  test("a program whose runs have all ended: it exits as any other", async () => {
    assert.deepEqual(await program(`console.log(await run(async () => 1));`), { status: 0, lines: ["1"], errors: "" });
  });
});
