import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import {
  createTask,
  type EventLoop,
  type ExceptionContext,
  Future,
  getRunningLoop,
  type Handle,
  sleep,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { runProgram } from "./program.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// The lines of section 16 of asyncio's behaviours (test_base_events, test_events).
describe("callSoon", () => {
  test("never calls synchronously, and in order [test_base_events: test_call_soon; test_events: test_call_soon]", async () => {
    const loop = getRunningLoop();
    const calls: unknown[] = [];
    loop.callSoon((...args) => calls.push(...args), "first", 1);
    loop.callSoon(() => calls.push("second"));
    assert.deepEqual(calls, []);
    await turn();
    assert.deepEqual(calls, ["first", 1, "second"]);
  });

  test("never calls what was cancelled [test_events: test_handle]", async () => {
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

describe("what is scheduled", () => {
  test("has to be a function, at a moment that is a number [test_base_events: test_call_soon_non_callable]", () => {
    const loop = getRunningLoop();
    assert.throws(() => loop.callSoon("f" as never), /callSoon: expected a function, got "f"/);
    assert.throws(() => loop.callLater(1, undefined as never), /callAt: expected a function, got undefined/);
    assert.throws(() => loop.callAt(Number.NaN, () => {}), /callAt: expected a number of milliseconds, got NaN/);
    assert.throws(() => loop.callLater("soon" as never, () => {}), /callLater: expected milliseconds or a literal/);
  });
});

describe("callLater and callAt", () => {
  test("call by deadline, those of one moment in order of the calls [test_base_events: test_call_later, test_call_at; test_events: test_call_later, test_timer_comparison]", () =>
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

  test("keep the process alive until then, and no longer [test_events: test_timer, test_cancel]", async () => {
    const { status, lines } = await runProgram(`
      import { getRunningLoop } from "tsyncio";
      const loop = getRunningLoop();
      loop.callLater("1h", () => {}).cancel();
      loop.callLater(5, () => console.log("called"));`);
    assert.deepEqual([status, lines], [0, ["called"]]);
  });

  test("take delays longer than a host timer can [test_base_events: test_time_and_call_at]", () =>
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

  test("free what was cancelled, however many timers are pending [test_base_events: test__run_once_cancelled_event_cleanup]", async () => {
    const { lines } = await runProgram(
      `
      import { getRunningLoop } from "tsyncio";
      const loop = getRunningLoop();
      const kept = Array.from({ length: 10_000 }, (_, i) => loop.callLater(3_600_000 + 2 * i, () => {}));
      const freed = new Set();
      const registry = new FinalizationRegistry((index) => freed.add(index));
      const cancelled = Array.from({ length: 10_000 }, (_, index) => {
        const large = { bytes: new Array(10) };
        registry.register(large, index);
        return loop.callLater(3_600_001 + 2 * index, () => large);
      });
      for (const handle of cancelled) handle.cancel();
      for (let i = 0; i < 5; i += 1) { await new Promise((resolve) => setTimeout(resolve, 1)); globalThis.gc(); }
      await new Promise((resolve) => setTimeout(resolve, 1));
      console.log(freed.size > 9_990 ? "freed" : freed.size);
      for (const handle of [...kept, ...cancelled]) handle.cancel();`,
      { flags: ["--expose-gc"] },
    );
    assert.deepEqual(lines, ["freed"]);
  });

  test("let the host go on when a callback sets a new one for now, again and again [test_base_events: test__run_once_schedule_handle]", async () => {
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
  async function withHandler(loop: EventLoop, body: () => Promise<void>): Promise<ExceptionContext[]> {
    const reports: ExceptionContext[] = [];
    loop.exceptionHandler = (context) => reports.push(context);
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

  test("goes to the exception handler, and the loop goes on [test_events: test_callback_with_exception]", async () => {
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
    const told = reports.map(({ message, error }) => `${message}: ${String(error)}`);
    assert.deepEqual(told, Array(2).fill("a scheduled callback threw: Error: faulty"));
  });

  test("is told with its handle, and the task that scheduled it [test_base_events: test_set_exc_handler_custom]", async () => {
    const loop = getRunningLoop();
    const handles: Handle[] = [];
    const reports = await withHandler(loop, async () => {
      const schedule = (): number => handles.push(loop.callSoon(fail), loop.callLater(1, fail));
      createTask(schedule, { name: "scheduler" });
      await sleep(5);
    });
    assert.deepEqual(
      reports.map(({ task }) => task),
      ["scheduler", "scheduler"],
    );
    assert.ok(reports.every(({ handle }, index) => handle === handles[index]));
  });

  test("is told in the async context of the callback [test_futures2: test_handle_exc_handler_correct_context]", async () => {
    const loop = getRunningLoop();
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    loop.exceptionHandler = () => seen.push(storage.getStore());
    try {
      storage.run("soon", () => loop.callSoon(fail));
      storage.run("later", () => loop.callLater(1, fail));
      await sleep(5);
    } finally {
      loop.exceptionHandler = null;
    }
    assert.deepEqual(seen, ["soon", "later"]);
  });

  test("in a done-callback is told with the future [test_base_events: test_default_exc_handler_callback]", async () => {
    const future = new Future({ name: "the answer" });
    const reports = await withHandler(getRunningLoop(), async () => {
      future.addDoneCallback(fail);
      future.setResult(1);
      await turn();
    });
    assert.equal(reports.length, 1);
    assert.equal(reports[0]?.message, "a done-callback of the answer threw");
    assert.equal(reports[0]?.future, future);
    assert.equal(reports[0]?.handle?.cancelled(), false);
  });

  test("falls back to an uncaught exception when the handler is broken, and the loop goes on [test_base_events: test_set_exc_handler_broken, test_default_exc_handler_broken]", async () => {
    const { status, lines } = await runProgram(`
      import { getRunningLoop } from "tsyncio";
      const loop = getRunningLoop();
      process.on("uncaughtException", (error) => console.log(error.message, error.errors?.map(String).join()));
      loop.exceptionHandler = () => { throw new Error("broken"); };
      for (const schedule of [(fn) => loop.callSoon(fn), (fn) => loop.callLater(1, fn)]) {
        schedule(() => { throw new Error("faulty"); });
        schedule(() => console.log("the loop goes on"));
      }`);
    const told = "the exceptionHandler threw when it was told that a scheduled callback threw";
    const fallback = `${told} Error: broken,Error: faulty`;
    assert.deepEqual([status, lines.toSorted()], [0, [fallback, fallback, "the loop goes on", "the loop goes on"]]);
  });

  test("is an uncaught exception when there is no handler [test_base_events: test_default_exc_handler_callback]", async () => {
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
