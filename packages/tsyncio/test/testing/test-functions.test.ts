import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createTask, getRunningLoop, sleep, sleepForever } from "../../src/index.ts";
import { explored, LeakError, simulated, withLeakCheck } from "../../src/testing.ts";

describe("as a test function of node:test", () => {
  test(
    "simulated runs in virtual time",
    simulated(async () => {
      await sleep("1h");
      assert.equal(getRunningLoop().time(), 3_600_000);
    }),
  );

  test(
    "simulated hands on what the runner gives it",
    simulated((t: TestContext) => assert.equal(t.name, "simulated hands on what the runner gives it")),
  );

  test(
    "explored runs in many orders, and withLeakCheck fits inside",
    explored(
      withLeakCheck(async () => {
        await Promise.all([createTask(() => sleep(1)), createTask(() => sleep(1))]);
      }),
      { runs: 5 },
    ),
  );
});

describe("a test function", () => {
  test("rejects with what is wrong", async () => {
    await assert.rejects(withLeakCheck(() => void createTask(() => sleepForever()))(), LeakError);
    await assert.rejects(
      simulated(() => {
        throw new Error("no");
      })(),
      /^Error: no$/,
    );
  });

  test("cancels main when the runner's signal aborts, so that its clean-up runs", async () => {
    const controller = new AbortController();
    const steps: string[] = [];
    const running = withLeakCheck(async (_context: { readonly signal: AbortSignal }) => {
      steps.push("started");
      try {
        await sleepForever();
      } finally {
        steps.push("cleaned up");
      }
    })(controller);
    while (steps.length === 0) await sleep(0);
    controller.abort(new Error("the test took too long"));
    await running;
    assert.deepEqual(steps, ["started", "cleaned up"]);
  });

  test("refuses what is no function when it is made, not when it runs", () => {
    assert.throws(() => simulated(5 as never), /simulated: expected a function, got 5/);
    assert.throws(() => explored(Promise.resolve() as never), /explored: expected a function, got a promise/);
    assert.throws(() => withLeakCheck(undefined as never), /withLeakCheck: expected a function, got undefined/);
  });
});

const folder = mkdtempSync(path.join(tmpdir(), "tsyncio-replay-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(path.join(folder, "node_modules"));
symlinkSync(fileURLToPath(new URL("../..", import.meta.url)), path.join(folder, "node_modules/tsyncio"));
writeFileSync(
  path.join(folder, "race.test.mjs"),
  `
  import assert from "node:assert/strict";
  import { test } from "node:test";
  import { gather, sleep } from "tsyncio";
  import { explored } from "tsyncio/testing";

  test("who comes last", explored(async () => {
    const order = [];
    await gather("abcdef".split("").map((name) => async () => {
      await sleep(0);
      order.push(name);
    }));
    assert.notEqual(order[0] + order[1], "fc", "the order was " + order.join(""));
  }, { runs: 1_000 }));`,
);

function runTests(env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env } };
    const args = ["--conditions=@tsyncio/source", "--test", "--test-reporter=tap", "race.test.mjs"];
    execFile(process.execPath, args, options, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

test("what a failed exploration prints is enough to replay it exactly, as often as one likes", async () => {
  const first = await runTests({});
  const seed = /TSYNCIO_SEED=(\d+)/.exec(first)?.[1] ?? assert.fail(`no seed is printed: ${first}`);
  const order = /the order was (\w+)/.exec(first)?.[1];
  for (let again = 0; again < 2; again += 1) {
    const replayed = await runTests({ TSYNCIO_SEED: seed });
    assert.match(replayed, new RegExp(`run 1 of 1 failed; replay it with simulate\\(main, { seed: ${seed} }\\)`));
    assert.equal(/the order was (\w+)/.exec(replayed)?.[1], order);
  }
  assert.match(await runTests({ TSYNCIO_SEED: "0" }), seed === "0" ? /fail 1/ : /pass 1/);
  assert.match(await runTests({ TSYNCIO_SEED: "one" }), /TSYNCIO_SEED: expected a whole number, got one/);
});
