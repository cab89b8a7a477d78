import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ending, runProgram } from "./program.ts";

const unawaited = `
  import { cancelScope, sleep, timeout } from "tsyncio";
  const f = async () => { await sleep("1h"); };
  const g = async () => { await sleep("1h"); };
`;

async function assertOutput(ending: Promise<Ending>, lines: readonly string[]): Promise<void> {
  const { status, errors, lines: printed } = await ending;
  assert.equal(errors, "");
  assert.deepEqual([status, printed], [0, lines]);
}

describe("a plain promise that nobody awaits yet and a cancellation cuts", { concurrency: 2 }, () => {
  test("does not crash a bare program, prints no warning and needs no listener", () =>
    assertOutput(
      runProgram(`${unawaited}
        const error = await timeout(5, async () => { const a = f(); await g(); await a; }).catch((error) => error);
        console.log(error.name);
        console.log(process.listenerCount("unhandledRejection"), process.listenerCount("rejectionHandled"));
        setTimeout(() => console.log("still here"), 5);`),
      ["TimeoutError", "0 0", "still here"],
    ));

  test("prints no warning when it is awaited after all, later", () =>
    assertOutput(
      runProgram(`${unawaited}
        let late;
        await timeout(5, async () => { late = f(); await g(); }).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 5));
        console.log((await late.catch((error) => error)).name);
        await new Promise((resolve) => setTimeout(resolve, 5));`),
      ["CancelledError"],
    ));

  test("does not fail a test of node:test", async () => {
    const { status, errors } = await runProgram(
      `${unawaited}
        import { test } from "node:test";
        test("cut", () => timeout(5, async () => { const a = f(); await g(); await a; }).catch(() => {}));
        test("later", () => new Promise((resolve) => setTimeout(resolve, 5)));`,
    );
    assert.deepEqual([status, errors], [0, ""]);
  });

  test("does not crash a program whose cancellation came from a second scope meanwhile", () =>
    assertOutput(
      runProgram(`${unawaited}
        await cancelScope(async (outer) => { const a = timeout(1, f); outer.cancel(); await g(); await a; });
        console.log("on");`),
      ["on"],
    ));
});

describe("what is not a cancellation stays an unhandled rejection", { concurrency: 2 }, () => {
  test("an ordinary one crashes the program as ever, also after a cancellation", async () => {
    const { status, errors } = await runProgram(`${unawaited}
      await timeout(1, f).catch(() => {});
      void Promise.reject(new Error("a real bug"));
      setTimeout(() => console.log("not reached"), 50);`);
    assert.equal(status, 1);
    assert.match(errors, /a real bug/);
  });

  test("a listener of the program still sees those, and not the cancellations", () =>
    assertOutput(
      runProgram(`${unawaited}
        process.on("unhandledRejection", (error) => console.log("seen:", error.message));
        await timeout(1, async () => { void f(); await g(); }).catch(() => {});
        void Promise.reject(new Error("mine"));`),
      ["seen: mine"],
    ));

  test("so does a TimeoutError that nobody awaits", async () => {
    const { status, errors } = await runProgram(`${unawaited}void timeout(1, f);`);
    assert.equal(status, 1);
    assert.match(errors, /TimeoutError/);
  });
});
