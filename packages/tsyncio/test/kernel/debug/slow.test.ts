import assert from "node:assert/strict";
import { setTimeout as hostTimeout } from "node:timers/promises";
import { describe, test, type TestContext } from "node:test";
import { createTask, getRunningLoop, sleep } from "tsyncio";
import { at, blockFor, type Warning, warningsOf } from "./warnings.ts";

/** A main function in whose loop everything above five milliseconds is slow. */
function impatient(t: TestContext, main: () => unknown): () => unknown {
  return () => {
    const loop = getRunningLoop();
    const { slowCallbackDuration } = loop;
    loop.slowCallbackDuration = 5;
    t.after(() => (loop.slowCallbackDuration = slowCallbackDuration));
    return main();
  };
}

/** The one warning that tells of `who`: on a busy machine others may be slow as well. */
function about(who: string, warnings: readonly Warning[]): Warning {
  const [warning, ...more] = warnings.filter(({ message }) => message.startsWith(who));
  assert.deepEqual(more, []);
  return warning ?? assert.fail(`no warning tells of ${who}`);
}

const here = "slow.test.ts";

describe("what keeps the thread in debug mode", () => {
  test("is named if it is a scheduled callback, with its origin [test_base_events: test_log_slow_callbacks]", async (t) => {
    const main = async (): Promise<void> => {
      getRunningLoop().callSoon(function rehash() {
        blockFor(10);
      });
      await sleep(1);
    };
    const warning = about("the scheduled callback", await warningsOf(impatient(t, main)));
    assert.equal(warning.code, "TSYNCIO_SLOW_CALLBACK");
    assert.match(
      warning.message,
      /^the scheduled callback rehash kept the thread for \d+ ms; it was scheduled at main/,
    );
    assert.match(warning.message, at("main", here));
  });

  test("is named if it is a task, with the waits between which it happened [test_base_events: test_log_slow_callbacks]", async (t) => {
    const parse = async (): Promise<void> => {
      await sleep(1);
      blockFor(10);
      await sleep(1);
    };
    const warning = about("parser", await warningsOf(impatient(t, () => createTask(parse, { name: "parser" }))));
    assert.equal(warning.code, "TSYNCIO_SLOW_STEP");
    assert.match(
      warning.message,
      /^parser kept the thread for \d+ ms, after its wait at parse .*, before its wait at parse /,
    );
  });

  test("is named if the task goes on from a foreign promise to another", async (t) => {
    const parse = async (): Promise<void> => {
      await sleep(1);
      await hostTimeout(1);
      blockFor(10);
      await hostTimeout(1);
    };
    const warning = about("parser", await warningsOf(impatient(t, () => createTask(parse, { name: "parser" }))));
    assert.match(warning.message, /^parser kept the thread for \d+ ms, after its wait at parse/);
  });

  test("is named if the task has not waited yet", async (t) => {
    const warning = about(
      "parser",
      await warningsOf(impatient(t, () => createTask(() => blockFor(10), { name: "parser" }))),
    );
    assert.match(warning.message, /^parser kept the thread for \d+ ms, after its start$/);
  });

  test("is not looked for without debug mode", async (t) => {
    const main = async (): Promise<void> => {
      await sleep(1);
      blockFor(10);
    };
    assert.deepEqual(await warningsOf(impatient(t, main), false), []);
  });
});
