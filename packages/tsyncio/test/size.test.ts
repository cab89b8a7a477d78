/**
 * What the runtime weighs, minified and gzipped. *Everything* that can be imported from "tsyncio" is 30.5 kB in November
 * 2026: more than the 25 kB that the runtime was meant to stay under. The *core*, which is what asyncio itself has (run and
 * Runner, tasks, futures, coroutines, groups, gather, wait, timeouts, shields, cancellation, locks and queues, with debug
 * mode and the deadlock report), is 23.8 kB; broadcasts, select, limiters, events and streams come on top. A program that only
 * sleeps in a group weighs 14.4 kB. The ceiling of everything is no budget: it tells when the runtime grows.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const core = `
  run, Runner, createTask, currentTask, allTasks, coroutine, Future, getRunningLoop, suspend,
  taskGroup, gather, wait, asCompleted, waitFor, timeout, timeoutAt, sleep, shield,
  cancelScope, withSignal, isCancelled, CancelledError, TimeoutError, InvalidStateError, Lock, Event, Condition,
  Semaphore, BoundedSemaphore, Barrier, BrokenBarrierError, Queue, PriorityQueue, LifoQueue, QueueEmpty, QueueFull,
  QueueShutDown`;

test("the core stays under 25 kB", async (t) => {
  const { size } = await bundle(`export { ${core} } from "./index.ts";`);
  t.diagnostic(`${size} bytes`);
  assert.ok(size > 10_000, `only ${size} bytes: that is not the core`);
  assert.ok(size < 25_000, `${size} bytes`);
});

test("everything stays under 32 kB, and imports nothing but Node's own modules", async (t) => {
  const { size, foreign } = await bundle(`export * from "./index.ts";`);
  t.diagnostic(`${size} bytes`);
  assert.ok(size < 32_000, `${size} bytes`);
  assert.deepEqual(foreign, []);
});

/** Bundles a module that stands beside the main entry. `foreign` are its imports that are not of Node. */
async function bundle(contents: string): Promise<{ readonly size: number; readonly foreign: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("../src", import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    write: false,
    metafile: true,
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return {
    size: gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length,
    foreign: imports.filter(({ path, external }) => external && !path.startsWith("node:")).map(({ path }) => path),
  };
}
