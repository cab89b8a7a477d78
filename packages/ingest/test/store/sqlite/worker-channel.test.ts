import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { openStore } from "../../../src/store/open-store.ts";
import { WorkerChannel } from "../../../src/store/sqlite/worker-channel.ts";

const CONFIGURATION = {
  path: ":memory:",
  display: "sqlite::memory:",
  readOnly: false,
  busyTimeout: 100,
  maxPages: 0,
  vectorIndex: "auto",
} as const;

test("answers find their requests, also when one of them is an error", async () => {
  const { channel } = await WorkerChannel.start(CONFIGURATION);
  const [status, wrong, errors] = await Promise.allSettled([
    channel.request("status", []),
    channel.request("prepare", ["configuration", "embedder", 0]),
    channel.request("errors", []),
  ]);
  assert.equal(status.status === "fulfilled" && status.value.documents, 0);
  assert.equal(wrong.status, "rejected");
  assert.deepEqual(errors, { status: "fulfilled", value: [] });
  await channel.request("close", []);
  await channel.exited();
});

test("when the thread ends unexpectedly, everybody who waits is told, and so are those who come later", async (context) => {
  const post = context.mock.method(Worker.prototype, "postMessage");
  const store = await openStore("sqlite::memory:");
  await store.status();
  const worker = post.mock.calls[0]?.this as Worker | undefined;
  const ended = worker?.terminate();
  await assert.rejects(store.status(), { name: "StoreError", code: "crashed", message: /open the store again/u });
  await ended;
  await assert.rejects(store.errors(), { code: "crashed" });
  await store.close();
});

test("a thread that cannot open its database ends", async () => {
  await assert.rejects(WorkerChannel.start({ ...CONFIGURATION, path: "/dev/null/index.db" }), { code: "cannot-open" });
});
