import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { ClientSession } from "@tsyncio/http";
import { cancelScope, createTask, isCancelled, moveOnAfter, run, sleepForever, type Task, timeout } from "tsyncio";
import { serveHttp, serveRaw, signal } from "../servers.ts";

/** Cancels a task, sees that it ends as cancelled, and that it took no later than the next turns of the loop. */
async function endsAtOnce(task: Task<unknown>): Promise<void> {
  task.cancel("enough");
  let turns = 0;
  while (!task.done()) {
    turns += 1;
    assert.ok(turns < 5, "the task is still there after five turns of the loop");
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(task.cancelled(), true);
}

test("a request that waits for a connection ends at once, and its turn goes to the next one", async () => {
  const asked: string[] = [];
  const answers = signal();
  await using server = await serveHttp((request, response) => {
    asked.push(String(request.url));
    void answers.promise.then(() => response.end("done"));
  });
  await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
  const read = (path: string) => async (): Promise<string> => (await session.get(path)).text();
  const tasks = ["/1", "/2", "/3"].map((path) => createTask(read(path)));
  await server.acceptedAtLeast(1);
  await endsAtOnce(tasks[1] as Task<string>);
  assert.deepEqual(session.statistics(), { busy: 1, idle: 0, waiting: 1 });
  answers.give();
  assert.equal(await tasks[0], "done");
  assert.equal(await tasks[2], "done");
  assert.deepEqual(asked, ["/1", "/3"]);
});

test("a request that is still connecting ends at once and takes its socket along", async () => {
  // A TLS handshake that is never answered.
  await using server = await serveRaw((socket) => socket.resume());
  await using session = new ClientSession({ limit: 1 });
  const task = createTask(() => session.get(`https://127.0.0.1:${server.port}/`));
  await server.acceptedAtLeast(1);
  await endsAtOnce(task);
  await server.allClosed();
  // The limit is free again.
  await using other = await serveHttp((_, response) => response.end("alive"));
  assert.equal(await (await session.get(other.url)).text(), "alive");
});

test("an upload that is under way ends at once, with its socket, and its source is cleaned up", async () => {
  const cleaned = signal();
  const firstChunk = signal();
  await using server = await serveHttp((request) => request.once("data", () => firstChunk.give()));
  await using session = new ClientSession();
  async function* endless(): AsyncGenerator<string> {
    try {
      yield "some";
      await sleepForever();
    } finally {
      cleaned.give();
    }
  }
  const task = createTask(() => session.post(server.url, { body: endless() }));
  await firstChunk.promise;
  await endsAtOnce(task);
  await server.allClosed();
  await cleaned.promise;
});

test("an upload that the server does not read ends at once", async () => {
  await using server = await serveRaw((socket) => socket.pause());
  await using session = new ClientSession();
  let pulled = 0;
  function* flood(): Generator<Uint8Array> {
    for (; pulled < 10_000; pulled += 1) yield new Uint8Array(64 * 1024);
  }
  const task = createTask(() => session.post(server.url, { body: flood() }));
  await server.acceptedAtLeast(1);
  const [socket] = server.sockets;
  await endsAtOnce(task);
  socket?.resume();
  await server.allClosed();
  assert.ok(pulled < 1_000, `the server's silence did not slow the upload down: ${pulled} chunks`);
});

test("a request that waits for headers ends at once, with its socket", async () => {
  const arrived = signal();
  await using server = await serveHttp(() => arrived.give());
  await using session = new ClientSession();
  const task = createTask(() => session.get(server.url));
  await arrived.promise;
  await endsAtOnce(task);
  await server.allClosed();
});

test("a body that is being read ends at once, with its socket", async () => {
  await using server = await serveHttp((_, response) => response.write("some"));
  await using session = new ClientSession();
  const started = signal();
  const task = createTask(async () => {
    await using response = await session.get(server.url);
    for await (const _ of response.body) started.give();
  });
  await started.promise;
  await endsAtOnce(task);
  await server.allClosed();
});

test("a response that nobody reads at the moment is closed with its task", async () => {
  await using server = await serveHttp((_, response) => response.write("some"));
  await using session = new ClientSession();
  const started = signal();
  const task = createTask(async () => {
    const response = await session.get(server.url);
    started.give();
    await sleepForever();
    return response;
  });
  await started.promise;
  await endsAtOnce(task);
  await server.allClosed();
});

test("a cancelled read loses nothing: the response can be read on", async () => {
  const more = signal();
  await using server = await serveHttp((_, response) => {
    response.write("one ");
    void more.promise.then(() => response.end("two"));
  });
  await using session = new ClientSession();
  await using response = await session.get(server.url);
  await assert.rejects(
    timeout(20, () => response.text()),
    { name: "TimeoutError" },
  );
  more.give();
  assert.equal(await response.text(), "one two");
});

test("a session that was made in a cancelled scope works in the next one", async () => {
  await using server = await serveHttp((_, response) => response.end("fine"));
  let session: ClientSession | undefined;
  await run(async () => {
    await cancelScope(async (scope) => {
      session = new ClientSession({ baseUrl: server.url });
      await (await session.get("/")).text();
      scope.cancel();
      await sleepForever();
    });
    assert.equal(await ((await session?.get("/"))?.text() ?? ""), "fine");
  });
  assert.equal(server.accepted, 1);
  await session?.close();
});

test("a cancelled scope sends nothing", async () => {
  await using server = await serveHttp((_, response) => response.end());
  await using session = new ClientSession();
  const errors: unknown[] = [];
  await moveOnAfter(0, async () => {
    await session.get(server.url).catch((error: unknown) => errors.push(error));
  });
  assert.ok(isCancelled(errors[0]));
  assert.equal(server.accepted, 0);
});

test("leaving a loop over a body early closes its socket, and an unread small rest keeps it", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === "/small") response.end("x".repeat(10_000));
    else response.write("endless");
  });
  await using session = new ClientSession({ baseUrl: server.url });
  for await (const _ of (await session.get("/endless")).body) break;
  await server.allClosed();
  {
    await using _ = await session.get("/small");
  }
  await (await session.get("/small")).text();
  assert.equal(server.accepted, 2);
});

test("one thousand requests that are cancelled at random moments leave no socket and a whole session", async () => {
  await using server = await serveHttp((_, response) => {
    response.write("a");
    setImmediate(() => response.end("b"));
  });
  await using session = new ClientSession({ baseUrl: server.url, limit: 10 });
  const tasks = Array.from({ length: 1_000 }, () => createTask(async () => (await session.get("/")).text()));
  const left = new Set(tasks);
  for (const [index, task] of tasks.entries()) {
    if (index % 3 !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    task.cancel();
    left.delete(task);
  }
  for (const task of left) assert.equal(await task, "ab");
  assert.ok(server.peak <= 11, `${server.peak} sockets`);
  assert.equal(session.statistics().waiting, 0);
  assert.equal(await (await session.get("/")).text(), "ab");
});

test("closing waits until the sockets are gone, also in a cancelled task", async () => {
  await using server = await serveHttp((_, response) => response.end("x"));
  const ready = signal();
  const task = createTask(async () => {
    await using session = new ClientSession({ baseUrl: server.url });
    await (await session.get("/")).text();
    ready.give();
    await sleepForever();
  });
  await ready.promise;
  const [socket] = server.sockets;
  const closed = once(socket as Socket, "close");
  await task.cancelAndWait();
  await closed;
});
