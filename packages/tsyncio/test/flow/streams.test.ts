import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { createServer } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { createTask, yieldNow } from "tsyncio";
import { flow } from "tsyncio/flow";

test("a file stream is read to its end, and destroyed when it is left early", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "flow-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "data");
  await writeFile(file, "x".repeat(300_000));
  const length = (total: number, chunk: Buffer): number => total + chunk.length;
  assert.equal(await flow<Buffer>(createReadStream(file)).reduce(length, 0), 300_000);
  const early = createReadStream(file);
  assert.equal((await flow<Buffer>(early).take(1).collect()).length, 1);
  assert.ok(early.closed);
});

test("a socket that is silent is left at once: it is destroyed while its chunk is awaited", async (t) => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
  await once(socket, "connect");
  const built = flow<Buffer>(socket).map((chunk) => chunk);
  const iterator = built[Symbol.asyncIterator]();
  const pending = createTask(() => iterator.next());
  await yieldNow();
  await iterator.return();
  assert.ok(socket.closed);
  assert.deepEqual(await pending, { done: true, value: undefined });
});

test("a failing Node stream fails the flow", async () => {
  const stream = new Readable({ objectMode: true, read() {} });
  stream.push(1);
  const reading = flow<number>(stream).collect();
  stream.destroy(new Error("broken pipe"));
  await assert.rejects(reading, /broken pipe/);
});

test("a web stream is read to its end and unlocked, or cancelled when it is left, also while it is silent", async () => {
  const full = new ReadableStream<number>({
    start(controller) {
      for (const item of [1, 2, 3]) controller.enqueue(item);
      controller.close();
    },
  });
  assert.deepEqual(await flow(full).collect(), [1, 2, 3]);
  assert.equal(full.locked, false);

  let cancelled = 0;
  const silent = new ReadableStream<number>({
    cancel() {
      cancelled += 1;
    },
  });
  const iterator = flow(silent)[Symbol.asyncIterator]();
  const pending = createTask(() => iterator.next());
  await yieldNow();
  await iterator.return();
  assert.equal(cancelled, 1);
  assert.equal(silent.locked, false);
  assert.deepEqual(await pending, { done: true, value: undefined });
});
