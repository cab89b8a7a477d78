import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cancelScope, InvalidStateError, isCancelled, QueueFull, run, taskGroup, timeout, TimeoutError } from "tsyncio";
import { simulate } from "tsyncio/testing";
import {
  threadModule,
  ThreadPool,
  type ThreadPoolOptions,
  WorkerDiedError,
  WorkerOutOfMemoryError,
  WorkerTransferError,
} from "../src/index.ts";
import { changed, sharedCounter } from "./shared-counter.ts";

const jobs = threadModule<typeof import("./jobs-child.ts")>("./jobs-child.ts", import.meta.url);

const single: ThreadPoolOptions = { name: "test", threads: 1 };

test("a pool calls exported functions and returns what they return, promises resolved", async () => {
  await using pool = new ThreadPool(single);
  assert.equal(await pool.run(jobs, "double", 21), 42);
  assert.equal(await pool.run(jobs, "greet", "world"), "hello world");
  assert.equal(await pool.run(jobs.url, "double", 4), 8);
  assert.equal(await pool.run(jobs.url.href, "double", 5), 10);
});

test("a thread runs one job at a time, in the order of their coming, and is used again", async () => {
  await using pool = new ThreadPool(single);
  const ids = await Promise.all(Array.from({ length: 20 }, () => pool.run(jobs, "thread", undefined)));
  assert.equal(new Set(ids).size, 1);
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => order.push((await pool.run(jobs, "double", index)) / 2)),
  );
  assert.deepEqual(
    order,
    Array.from({ length: 20 }, (_, index) => index),
  );
});

test("a cancelled job that waits for a thread is dropped, and those behind it move up", async () => {
  await using pool = new ThreadPool(single);
  const counter = sharedCounter();
  await taskGroup(async (group) => {
    const running = group.createTask(() => pool.run(jobs, "hold", counter));
    await changed(counter, 0);
    const dropped = group.createTask(() => pool.run(jobs, "spin", counter));
    const next = group.createTask(() => pool.run(jobs, "double", 1));
    await changed(undefined, 0, () => pool.statistics().waiting === 2);
    await dropped.cancelAndWait();
    assert.equal(pool.statistics().waiting, 1);
    Atomics.store(counter, 1, 1);
    Atomics.notify(counter, 1);
    assert.equal(await running, "released");
    assert.equal(await next, 2);
  });
  assert.equal(counter[0], 1, "the dropped job never began");
});

test("a cancelled job that runs has its thread ended for real, and the next job gets a fresh one", async () => {
  await using pool = new ThreadPool(single);
  const before = await pool.run(jobs, "thread", undefined);
  const counter = sharedCounter();
  await taskGroup(async (group) => {
    const spinning = group.createTask(() => pool.run(jobs, "spin", counter));
    const next = group.createTask(() => pool.run(jobs, "thread", undefined));
    await changed(counter, 0);
    await spinning.cancelAndWait();
    const turns = Atomics.load(counter, 1);
    assert.notEqual(await next, before);
    assert.equal(Atomics.load(counter, 1), turns, "nothing counts on once the cancellation is through");
  });
  assert.equal(pool.statistics().cancelled, 1);
});

test("a timeout around a job that hangs ends it", async () => {
  await using pool = new ThreadPool(single);
  await pool.run(jobs, "double", 1);
  await assert.rejects(
    timeout("20ms", () => pool.run(jobs, "spin", sharedCounter())),
    TimeoutError,
  );
  assert.equal(await pool.run(jobs, "double", 3), 6);
});

test("the timeout of a job counts its running time only, and says which job it was", async () => {
  await using pool = new ThreadPool(single);
  await taskGroup(async (group) => {
    const counter = sharedCounter();
    const first = group.createTask(() => pool.run(jobs, "hold", counter));
    const second = group.createTask(() => pool.run(jobs, "double", 1, { timeout: "10s" }));
    const third = group.createTask(() =>
      assert.rejects(pool.run(jobs, "spin", sharedCounter(), { timeout: "20ms" }), {
        name: "TimeoutError",
        message: '"spin" ran longer than 20ms and was ended',
      }),
    );
    await changed(counter, 0);
    assert.equal(pool.statistics().waiting, 2);
    Atomics.store(counter, 1, 1);
    Atomics.notify(counter, 1);
    await first;
    assert.equal(await second, 2);
    await third;
  });
  await assert.rejects(pool.run(jobs, "double", 1, { timeout: "soon" as never }), RangeError);
  assert.equal(await pool.run(jobs, "double", 5), 10, "a bad option does not cost the thread");
});

test("a job that runs out of memory fails alone", async () => {
  await using pool = new ThreadPool({ name: "small", threads: 2, memory: { heapMb: 24 } });
  const [eating, doubled] = await Promise.allSettled([
    pool.run(jobs, "eatMemory", undefined),
    pool.run(jobs, "double", 1),
  ]);
  assert.ok(eating.status === "rejected" && eating.reason instanceof WorkerOutOfMemoryError);
  assert.match(eating.reason.message, /"eatMemory" in thread pool "small" needed more memory than the 24 MB/);
  assert.deepEqual(doubled, { status: "fulfilled", value: 2 });
  assert.equal(await pool.run(jobs, "double", 2), 4);
});

test("a job that calls process.exit fails alone, and the jobs behind it run", async () => {
  await using pool = new ThreadPool(single);
  const outcomes = await Promise.allSettled([
    pool.run(jobs, "exit", 0),
    pool.run(jobs, "double", 1),
    pool.run(jobs, "exit", 3),
    pool.run(jobs, "double", 2),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).name)),
    ["WorkerDiedError", 2, "WorkerDiedError", 4],
  );
  assert.equal(pool.statistics().failed, 2);
});

test("a job whose worker throws where nobody catches fails with that error as the cause", async () => {
  await using pool = new ThreadPool(single);
  await assert.rejects(pool.run(jobs, "crashLater", undefined), (error) => {
    assert.ok(error instanceof WorkerDiedError);
    assert.match(error.message, /nobody catches this/);
    assert.ok(error.cause instanceof Error);
    return true;
  });
});

test("what a finished job left behind and fails later is warned about, and no job fails for it", async () => {
  await using pool = new ThreadPool(single);
  const warned = once(process, "warning") as Promise<[Error]>;
  await pool.run(jobs, "crashBehind", sharedCounter());
  const [warning] = await warned;
  assert.match(warning.message, /thread pool "test" ended without a job: Error: left behind/);
  assert.equal(await pool.run(jobs, "double", 1), 2);
});

test("an argument or a result that cannot be sent between threads is a clear error", async () => {
  await using pool = new ThreadPool(single);
  await assert.rejects(
    pool.run(jobs, "throwValue", () => {}),
    {
      name: "WorkerTransferError",
      message:
        /^the argument of "throwValue" in thread pool "test" cannot be sent between threads: .* could not be cloned\. Send plain data/,
    },
  );
  await assert.rejects(pool.run(jobs, "returnFunction", undefined), (error) => {
    assert.ok(error instanceof WorkerTransferError);
    assert.match(error.message, /^what was returned by "returnFunction" in .*: \(\) => \{\} could not be cloned\./);
    return true;
  });
  await assert.rejects(
    pool.run(jobs, "throwValue", () => {}),
    /^WorkerTransferError: the argument of/,
  );
  assert.equal(await pool.run(jobs, "double", 4), 8);
});

test("what is transferred moves, and does not when the job is dropped before it began", async () => {
  await using pool = new ThreadPool(single);
  const bytes = new Uint8Array(1000);
  assert.equal(await pool.run(jobs, "byteLength", bytes, { transfer: [bytes.buffer] }), 1000);
  assert.equal(bytes.byteLength, 0);
  const kept = new Uint8Array(1000);
  await run(async () => {
    await taskGroup(async (group) => {
      const counter = sharedCounter();
      const first = group.createTask(() => pool.run(jobs, "spin", counter));
      const second = group.createTask(() => pool.run(jobs, "byteLength", kept, { transfer: [kept.buffer] }));
      await changed(counter, 0);
      await second.cancelAndWait();
      await first.cancelAndWait();
    });
  });
  assert.equal(kept.byteLength, 1000);
});

test("a full queue refuses the next job", async () => {
  await using pool = new ThreadPool({ ...single, queue: 1 });
  const counter = sharedCounter();
  const held = pool.run(jobs, "hold", counter);
  const waiting = pool.run(jobs, "double", 1);
  await assert.rejects(pool.run(jobs, "double", 2), QueueFull);
  Atomics.store(counter, 1, 1);
  Atomics.notify(counter, 1);
  assert.deepEqual(await Promise.all([held, waiting]), ["released", 2]);
});

test("a pool that closes finishes what it has and takes no more", async () => {
  const pool = new ThreadPool(single);
  const accepted = [pool.run(jobs, "double", 1), pool.run(jobs, "double", 2)];
  const closing = pool.close();
  await assert.rejects(pool.run(jobs, "double", 3), InvalidStateError);
  assert.deepEqual(await Promise.all(accepted), [2, 4]);
  await closing;
  await pool.close();
  assert.deepEqual(pool.statistics(), {
    name: "test",
    threads: 1,
    alive: 0,
    running: 0,
    waiting: 0,
    completed: 2,
    failed: 0,
    cancelled: 0,
  });
});

test("a pool that is closed by force ends what runs and what waits", async () => {
  const pool = new ThreadPool(single);
  const counter = sharedCounter();
  const spinning = assert.rejects(pool.run(jobs, "spin", counter), InvalidStateError);
  const waiting = assert.rejects(pool.run(jobs, "double", 1), InvalidStateError);
  await changed(counter, 0);
  await pool.close({ force: true });
  await Promise.all([spinning, waiting]);
  assert.equal(pool.statistics().alive, 0);
});

test("a pool opened lazily in a cancelled scope works in the next one", async () => {
  let pool: ThreadPool | undefined;
  await assert.rejects(
    timeout("20ms", () => {
      pool = new ThreadPool(single);
      return pool.run(jobs, "spin", sharedCounter());
    }),
    TimeoutError,
  );
  assert.ok(pool !== undefined);
  assert.equal(await pool.run(jobs, "double", 1), 2);
  await pool.close();
});

test("after a job the caller is back in its own async context", async () => {
  const storage = new AsyncLocalStorage<string>();
  await using pool = new ThreadPool(single);
  await storage.run("mine", async () => {
    await pool.run(jobs, "double", 1);
    assert.equal(storage.getStore(), "mine");
    await assert.rejects(pool.run(jobs, "fail", 1));
    assert.equal(storage.getStore(), "mine");
  });
});

test("a job in a scope that is cancelled already does not begin", async () => {
  await using pool = new ThreadPool(single);
  const counter = sharedCounter();
  await assert.rejects(
    timeout(0, () => pool.run(jobs, "hold", counter)),
    TimeoutError,
  );
  assert.equal(counter[0], 0);
  assert.equal(await pool.run(jobs, "double", 1), 2);
});

test("an idle thread ends, and the next job starts another", async () => {
  await using pool = new ThreadPool({ ...single, idleTimeout: 1 });
  const first = await pool.run(jobs, "thread", undefined);
  assert.equal(pool.statistics().alive, 1);
  await changed(undefined, 0, () => pool.statistics().alive === 0);
  assert.notEqual(await pool.run(jobs, "thread", undefined), first);
});

test("a job that nothing can interrupt is not waited for, and occupies its thread until it returns", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "threads-"));
  t.after(() => rm(folder, { recursive: true }));
  const pipe = join(folder, "pipe");
  execFileSync("/usr/bin/env", ["mkfifo", pipe]);
  await using pool = new ThreadPool(single);
  await pool.run(jobs, "double", 1);
  await assert.rejects(
    timeout("20ms", () => pool.run(jobs, "readPipe", pipe)),
    TimeoutError,
  );
  const next = pool.run(jobs, "double", 2);
  assert.equal(pool.statistics().running, 1);
  assert.equal(pool.statistics().waiting, 1);
  await writeFile(pipe, "at last");
  assert.equal(await next, 4);
});

test("a simulated clock stands still while a thread works", async () => {
  await simulate(async () => {
    await using pool = new ThreadPool(single);
    assert.equal(await timeout("5s", () => pool.run(jobs, "double", 2)), 4);
  });
});

test("a loop that swallows its cancellation leaves the host's loop its turns", async () => {
  await using pool = new ThreadPool(single);
  const turned = new AbortController();
  setImmediate(() => turned.abort());
  await cancelScope(async (scope) => {
    scope.cancel();
    while (!turned.signal.aborted) await pool.run(jobs, "double", 1).catch(() => {});
  });
  assert.equal(pool.statistics().alive, 0);
});

test("options that make no sense are refused with what was expected", () => {
  assert.throws(() => new ThreadPool({ threads: 0 }), /threads must be a whole number of at least 1, got 0/);
  assert.throws(() => new ThreadPool({ queue: -1 }), /queue must be a whole number of at least 0, got -1/);
  assert.throws(
    () => new ThreadPool({ memory: { heapMb: 0.5 } }),
    /heapMb must be a whole number of at least 16, got 0.5/,
  );
  assert.throws(() => new ThreadPool({ idleTimeout: "later" as never }), /idleTimeout: expected milliseconds/);
});

test("a cancellation is told from an error that the job threw with the same look", async () => {
  await using pool = new ThreadPool(single);
  const error = await pool
    .run(jobs, "throwValue", new DOMException("stop", "AbortError"))
    .catch((error: unknown) => error);
  assert.equal((error as Error).name, "AbortError");
  assert.equal(isCancelled(error), false);
});
