import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const child = fileURLToPath(new URL("./pool-child.ts", import.meta.url));

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

async function start(deed: string, preload?: string): Promise<Ending> {
  const preloading = preload === undefined ? [] : ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
  const process_ = spawn(process.execPath, ["--conditions=@tsyncio/source", ...preloading, child, deed], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, [code, signal]] = await Promise.all([
    text(process_.stdout),
    text(process_.stderr),
    once(process_, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, output, errors };
}

function inWorkers(statement: string): string {
  return `import { isMainThread } from "node:worker_threads"; if (!isMainThread) { ${statement} }`;
}

test("a process waits for a job that runs, and an idle pool does not keep it alive", async () => {
  assert.deepEqual(await start("finish"), { code: 0, signal: null, output: "42\n", errors: "" });
});

test("a process whose endless job was cancelled ends by itself", async () => {
  assert.deepEqual(await start("cancel"), { code: 0, signal: null, output: "moved on\n", errors: "" });
});

test("a signal that cancels the run ends an endless job", async () => {
  const { output, code, signal } = await start("signal");
  assert.equal(output, "cancelled\n");
  assert.ok(signal === "SIGTERM" || code === 143);
});

test("a worker that throws before it takes its job fails the job instead of leaving it waiting", async () => {
  const { output, code } = await start("fail", inWorkers('throw new Error("no workers here")'));
  assert.match(output, /^WorkerDiedError: the worker of "double" in thread pool "common" ended: no workers here/);
  assert.equal(code, 0);
});

test("a worker that exits before it takes its job fails the job instead of leaving it waiting", async () => {
  const { output, code } = await start("fail", inWorkers("process.exit(7)"));
  assert.match(output, /^WorkerDiedError: the worker of "double" in thread pool "common" ended: it could not start/);
  assert.equal(code, 0);
});
