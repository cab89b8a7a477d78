import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EventLoop, Future, getRunningLoop, type Handle, sleep } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { runProgram } from "./program.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// The lines of section 16 of asyncio's behaviours (test_base_events, test_events).
describe("callSoon", () => {
  test("never calls synchronously, and in order", async () => {
    const loop = getRunningLoop();
    const calls: unknown[] = [];
    loop.callSoon((...args) => calls.push(...args), "first", 1);
    loop.callSoon(() => calls.push("second"));
    assert.deepEqual(calls, []);
    await turn();
    assert.deepEqual(calls, ["first", 1, "second"]);
  });

  test("never calls what was cancelled", async () => {
    const handle = getRunningLoop().callSoon(() => assert.fail("never called"));
    handle.cancel();
    handle.cancel();
    assert.equal(handle.cancelled(), true);
    await turn();
  });

  test("leaves a handle that was called uncancelled", async () => {
    let calls = 0;
    const handle = getRunningLoop().callSoon(() => (calls += 1));
    await turn();
    handle.cancel();
    assert.deepEqual([calls, handle.cancelled()], [1, false]);
  });
});

describe("callLater and callAt", () => {
  test("call by deadline, those of one moment in order of the calls", () =>
    simulate(async () => {
      const loop = getRunningLoop();
      const calls: unknown[] = [];
      const note = (name: string): void => void calls.push([name, loop.time()]);
      const last = loop.callLater("2s", note, "c");
      loop.callAt(1_000, note, "a");
      loop.callLater(1_000, note, "b");
      loop.callLater(-5, note, "past");
      assert.equal(last.when(), 2_000);
      await sleep("3s");
      assert.deepEqual(calls, [
        ["past", 0],
        ["a", 1_000],
        ["b", 1_000],
        ["c", 2_000],
      ]);
    }));

  test("never call what was cancelled, also by another callback of the same moment", () =>
    simulate(async () => {
      const loop = getRunningLoop();
      const handles: Handle[] = [];
      loop.callAt(10, () => handles[0]?.cancel());
      handles.push(loop.callAt(10, () => assert.fail("never called")));
      await sleep(20);
      assert.equal(handles[0]?.cancelled(), true);
    }));

  test("keep the process alive until then, and no longer", async () => {
    const { status, lines } = await runProgram(`
      import { getRunningLoop } from "tsyncio";
      const loop = getRunningLoop();
      loop.callLater("1h", () => {}).cancel();
      loop.callLater(5, () => console.log("called"));`);
    assert.deepEqual([status, lines], [0, ["called"]]);
  });

  test("take delays longer than a host timer can", () =>
    simulate(async () => {
      const loop = getRunningLoop();
      const called = new Future<number>();
      loop.callLater(2 ** 40, () => called.setResult(loop.time()));
      assert.equal(await called, 2 ** 40);
    }));

  test("with a delay longer than a host timer's do not fire at once on the real loop", async () => {
    const loop = getRunningLoop();
    const handle = loop.callLater("2000h", () => assert.fail("too early"));
    await sleep(5);
    handle.cancel();
  });

  test("let the host go on when a callback sets a new one for now, again and again", async () => {
    const loop = getRunningLoop();
    const done = new Future<number>();
    let rounds = 0;
    let immediates = 0;
    const again = (): void => {
      rounds += 1;
      if (immediates < 3) loop.callAt(loop.time(), again);
      else done.setResult(rounds);
    };
    const count = (): void => {
      immediates += 1;
      if (immediates < 3) setImmediate(count);
    };
    setImmediate(count);
    again();
    assert.ok((await done) > 1);
  });
});

describe("an error in a callback", () => {
  async function withHandler(loop: EventLoop, body: () => Promise<void>): Promise<string[]> {
    const reports: string[] = [];
    loop.exceptionHandler = ({ message, error }) => reports.push(`${message}: ${String(error)}`);
    try {
      await body();
    } finally {
      loop.exceptionHandler = null;
    }
    return reports;
  }
  const fail = (): never => {
    throw new Error("faulty");
  };

  test("goes to the exception handler, and the loop goes on", async () => {
    const loop = getRunningLoop();
    let called = 0;
    const reports = await withHandler(loop, async () => {
      loop.callSoon(fail);
      loop.callSoon(() => (called += 1));
      loop.callLater(1, fail);
      loop.callLater(1, () => (called += 1));
      await sleep(5);
    });
    assert.equal(called, 2);
    assert.deepEqual(reports, Array(2).fill("a scheduled callback threw: Error: faulty"));
  });

  test("is an uncaught exception when there is no handler", async () => {
    const { status, errors } = await runProgram(`
      import { getRunningLoop } from "tsyncio";
      getRunningLoop().callSoon(() => { throw new Error("faulty"); });`);
    assert.equal(status, 1);
    assert.match(errors, /Error: faulty/);
  });
});

describe("the clock", () => {
  test("never goes back", async () => {
    const loop = getRunningLoop();
    let last = loop.time();
    for (let i = 0; i < 100; i += 1) {
      await sleep(0);
      assert.ok(loop.time() >= last);
      last = loop.time();
    }
  });
});
