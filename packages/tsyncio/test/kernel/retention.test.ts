import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startProgram } from "./program.ts";

interface Operation {
  readonly code: string;
  /** How many times, and how many things each time would retain. */
  readonly times: number;
  readonly things?: number;
}

const operations: Record<string, Operation> = {
  "200,000 cancelled waits on one promise that never settles": {
    code: `await cancelScope((scope) => {
      const waits = Array.from({ length: 1000 }, () => interruptible(never));
      scope.cancel();
      return Promise.allSettled(waits);
    });`,
    times: 200,
    things: 1000,
  },
  "cancelled waits on one future": {
    code: "await cancelScope((scope) => { const waiting = future.then(); scope.cancel(); return waiting; });",
    times: 10_000,
  },
  "timeouts that were left in time": { code: 'await timeout("1h", () => sleep(0));', times: 10_000 },
  "groups and their tasks": {
    code: "await taskGroup((group) => { group.createTask(() => sleep(0)); });",
    times: 10_000,
  },
  "failed groups": { code: 'await taskGroup(() => { throw new Error("no"); }).catch(() => {});', times: 5_000 },
  "tasks without a group": { code: "await createTask(() => sleep(0));", times: 10_000 },
  "cancelled sleepers": {
    code: 'await cancelScope((scope) => { const waiting = sleep("1h"); scope.cancel(); return waiting; });',
    times: 10_000,
  },
  "cancelled calls with a signal": {
    code: `await cancelScope((scope) => {
      const waiting = withSignal((signal) => new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }));
      scope.cancel();
      return waiting;
    });`,
    times: 5_000,
  },
  "scopes that followed one signal": { code: "await cancelScope({ signal }, () => sleep(0));", times: 10_000 },
};

describe("the heap is where it was after", () => {
  const calls = Object.entries(operations).map(
    ([name, { code, times, things = 1 }]) =>
      `await measure(${JSON.stringify(name)}, ${times}, ${things}, async () => { ${code} });`,
  );
  const program = startProgram(
    `
    import { cancelScope, createTask, Future, interruptible, sleep, taskGroup, timeout, withSignal } from "tsyncio";
    const never = new Promise(() => {});
    const future = new Future();
    const { signal } = new AbortController();
    const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
    async function heap() {
      for (let i = 0; i < 3; i += 1) { await turn(); globalThis.gc(); }
      return process.memoryUsage().heapUsed;
    }
    async function measure(name, times, things, operation) {
      for (let i = 0; i < Math.max(times / 2, 100); i += 1) await operation();
      const before = await heap();
      for (let i = 0; i < times; i += 1) await operation();
      const bytes = ((await heap()) - before) / (times * things);
      console.log(bytes < 16 ? name : name + " retain " + bytes + " bytes each");
    }
    ${calls.join("\n")}`,
    { flags: ["--expose-gc"] },
  );
  for (const name of Object.keys(operations)) test(name, () => program.printed(name));
});

const users: Record<string, string> = {
  "a timer": 'await cancelScope((scope) => { const waiting = sleep("1h"); scope.cancel(); return waiting; });',
  "what keeps the process alive":
    "await cancelScope((scope) => { const waiting = sleepForever(); scope.cancel(); return waiting; });",
  "the listeners of a run": "await run(() => sleep(0));",
  "a deferred wake-up": "const end = performance.now() + 5; while (performance.now() < end) await checkpoint();",
  "the reaction on a foreign promise":
    "await cancelScope((scope) => { const waiting = interruptible(never); scope.cancel(); return waiting; });",
  "the wrapper around process.emit": "await cancelScope((scope) => scope.cancel());",
};

describe("the context of a request is not retained by", { concurrency: 2 }, () => {
  for (const [name, code] of Object.entries(users)) {
    test(`${name}, although it serves others still`, async () => {
      const program = startProgram(
        `
        import { AsyncLocalStorage } from "node:async_hooks";
        import { cancelScope, checkpoint, interruptible, run, sleep, sleepForever } from "tsyncio";
        const never = new Promise(() => {});
        const requests = new AsyncLocalStorage();
        async function serve() {
          const request = { body: "…" };
          await requests.run(request, async () => { ${code} });
          return new WeakRef(request);
        }
        // The first to use each host handle is the request; then others use it, for longer.
        const request = await serve();
        void sleep("1h");
        void sleepForever();
        void interruptible(never);
        for (let i = 0; i < 5; i += 1) { await new Promise((resolve) => setTimeout(resolve, 1)); globalThis.gc(); }
        console.log(request.deref() === undefined ? "free" : "retained");
        process.exit();`,
        { flags: ["--expose-gc"] },
      );
      const { errors, lines } = await program.ended;
      assert.deepEqual([lines, errors], [["free"], ""]);
    });
  }
});
