import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runProgram } from "./program.ts";

/** How long a program may take that does so many, also on a busy machine. */
const lifetime = 110_000;

/** How many of each operation are done; the environment can ask for a million. */
const times = Number(process.env["RETENTION_TIMES"] ?? 50_000);

/** What must leave nothing behind: the code of one operation, or of a hundred that are cancelled at once. */
const operations: Readonly<Record<string, string>> = {
  "a task of a group": "await taskGroup((group) => void group.createTask(() => 0));",
  "a task of one long-lived group": "await longLived.createTask(() => 0);",
  "a daemon of one long-lived group": "await longLived.createTask(() => 0, { daemon: true });",
  "a task without a group": "await createTask(() => 0);",
  "a failed group": "await taskGroup(() => { throw failure; }).catch(() => {});",
  "a timeout that was left early": 'await timeout("1h", () => 0);',
  "a race that a wait on a long-lived future lost": "await race([() => future, () => 0]);",
  "a race that a long-lived future lost": "await race([future, done]);",
  "a select whose losers live long": "await select({ queue, event, future, lock: lock.acquiring(), done });",
  "a call with a signal, in a scope that follows a long-lived one":
    "await cancelScope({ signal }, () => withSignal((own) => own.aborted));",
  "a call with a signal, in one long-lived scope": "await withSignal((own) => own.aborted);",
  "a call through a limiter": "await limit(() => 0);",
  "a run": "await run(() => 0);",
  "an iteration that was left": "for await (const _ of iterate([1, 2])) break;",
  "a producer that was left": "for await (const _ of produce((send) => send(1))) break;",
  "a done-callback added and removed": "future.addDoneCallback(callback); future.removeDoneCallback(callback);",
  "a cancelled timer": 'loop.callLater("1h", callback).cancel();',
  "a hundred cancelled sleeps": cancelledAtOnce('sleep("1h")'),
  "a hundred cancelled waits on one promise that never settles": cancelledAtOnce("interruptible(never)"),
  "a hundred cancelled waits on one future": cancelledAtOnce("future.then()"),
  "a hundred cancelled gets of a queue": cancelledAtOnce("queue.get()"),
  "a hundred cancelled puts into a queue": cancelledAtOnce("full.put(1)"),
  "a hundred cancelled waits for a lock": cancelledAtOnce("lock.acquire()"),
  "a hundred cancelled waits for a semaphore": cancelledAtOnce("semaphore.acquire()"),
  "a hundred cancelled waits for an event": cancelledAtOnce("event.wait()"),
  "a hundred cancelled selects": cancelledAtOnce("select({ queue, event, future, lock: lock.acquiring() })"),
  "a hundred cancelled waits for an emitter": cancelledAtOnce('once(emitter, "never")'),
  "a hundred cancelled calls with a signal": cancelledAtOnce(`withSignal((own) => new Promise((_, reject) => {
    own.addEventListener("abort", () => reject(own.reason));
  }))`),
};

function cancelledAtOnce(wait: string): string {
  return `await cancelScope((scope) => {
    const waits = Array.from({ length: 100 }, async () => ${wait});
    scope.cancel();
    return Promise.allSettled(waits);
  });`;
}

function retentionProgram(names: readonly string[]): string {
  const calls = names.map((name) => {
    const rounds = name.startsWith("a hundred ") ? times / 100 : times;
    return `await measure(${JSON.stringify(name)}, ${rounds}, async () => { ${operations[name]} });`;
  });
  return `
    import { EventEmitter } from "node:events";
    import { cancelScope, createTask, Event, Future, getRunningLoop, interruptible, iterate, limiter, Lock, once, produce,
      Queue, race, run, select, Semaphore, sleep, sleepForever, taskGroup, timeout, withSignal } from "tsyncio";
    const never = new Promise(() => {});
    const failure = new Error("no");
    const future = new Future();
    const done = createTask(() => 0);
    await done;
    const { signal } = new AbortController();
    const emitter = new EventEmitter().setMaxListeners(200);
    const lock = new Lock();
    await lock.acquire();
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    const event = new Event();
    const queue = new Queue();
    const full = new Queue({ maxsize: 1 });
    full.putNowait(0);
    const limit = limiter(2);
    const loop = getRunningLoop();
    const callback = () => {};
    const opened = new Future();
    createTask(() => taskGroup((group) => { opened.setResult({ group }); return sleepForever(); }));
    const { group: longLived } = await opened;
    process.on("warning", (warning) => console.log(String(warning)));
    const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
    async function heap() {
      for (let i = 0; i < 3; i += 1) { await turn(); globalThis.gc(); }
      return process.memoryUsage().heapUsed;
    }
    async function measure(name, rounds, operation) {
      for (let i = 0; i < rounds / 20; i += 1) await operation();
      const before = await heap();
      for (let i = 0; i < rounds; i += 1) await operation();
      const bytes = ((await heap()) - before) / ${times};
      console.log(bytes < 10 ? name : name + " retains " + bytes + " bytes each time");
    }
    ${calls.join("\n")}
    console.log("done");
    process.exit();`;
}

describe(`the heap is where it was after ${times.toLocaleString("en")} times`, { concurrency: 2 }, () => {
  const names = Object.keys(operations);
  for (const part of [names.filter((_, index) => index % 2 === 0), names.filter((_, index) => index % 2 === 1)]) {
    test(part.join("; "), async () => {
      const { lines, errors } = await runProgram(retentionProgram(part), { flags: ["--expose-gc"], lifetime });
      assert.deepEqual([lines, errors], [[...part, "done"], ""]);
    });
  }
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
      const { errors, lines } = await runProgram(
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
      assert.deepEqual([lines, errors], [["free"], ""]);
    });
  }
});
