import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, type Handler, testServer, type WebSocketConnection } from "@tsyncio/http";
import { createTask, isCancelled, moveOnAfter, sleep } from "tsyncio";
import { WebSocketServer } from "ws";
import { signal } from "../servers.ts";

const echo: Handler = async (_, context) => {
  const socket = await context.upgrade();
  for await (const message of socket) await socket.send(message);
};

/** A server that hands its end of one connection out, and keeps it until the test is over. */
function holding(options = {}): { handler: Handler; accepted: Promise<WebSocketConnection>; release: () => void } {
  const accepted = signal<WebSocketConnection>();
  const done = signal();
  const handler: Handler = async (_, context) => {
    accepted.give(await context.upgrade(options));
    await done.promise;
  };
  return { handler, accepted: accepted.promise, release: done.give };
}

test("text stays text and bytes stay bytes, both ways, up to megabytes", async () => {
  await using server = await testServer(echo);
  await using socket = await server.session.ws("/");
  await socket.send("täxt");
  assert.equal(await socket.receive(), "täxt");
  await socket.send(new Uint8Array([1, 2, 3]));
  assert.deepEqual([...((await socket.receive()) as Uint8Array)], [1, 2, 3]);
  await socket.send(new Uint8Array([9]).buffer);
  assert.deepEqual([...((await socket.receive()) as Uint8Array)], [9]);
  const large = "x".repeat(3_000_000);
  await socket.send(large);
  assert.equal(await socket.receive(), large);
  await assert.rejects(socket.send({} as string), /expected a string or bytes, got an object; JSON.stringify/);
});

test("iterating ends when the other side closes, and both know code and reason", async () => {
  const { handler, accepted, release } = holding();
  await using server = await testServer(handler);
  const client = await server.session.ws("/");
  const remote = await accepted;
  await client.send("one");
  await client.send("two");
  const closing = client.close(4001, "that is all");
  const got: unknown[] = [];
  for await (const message of remote) got.push(message);
  await closing;
  assert.deepEqual(got, ["one", "two"]);
  assert.deepEqual(remote.closing, { code: 4001, reason: "that is all" });
  assert.deepEqual(client.closing, { code: 4001, reason: "that is all" });
  const error = { name: "WebSocketClosedError", closeCode: 4001, reason: "that is all" };
  await assert.rejects(remote.receive(), error);
  await assert.rejects(client.send("more"), error);
  await client.close();
  release();
});

test("a handler that returns closes with 1000, and one that throws with 1011", async () => {
  const errors: unknown[] = [];
  await using server = await testServer(
    async (request, context) => {
      await context.upgrade();
      if (request.url.endsWith("/throw")) throw new Error("broke");
    },
    { onError: (error) => errors.push((error as Error).message) },
  );
  for (const [path, code] of [
    ["/return", 1000],
    ["/throw", 1011],
  ] as const) {
    await using socket = await server.session.ws(path);
    await assert.rejects(socket.receive(), { closeCode: code });
  }
  assert.deepEqual(errors, ["broke"]);
});

test("a receive that times out or is cancelled loses nothing", async () => {
  const { handler, accepted, release } = holding();
  await using server = await testServer(handler);
  await using client = await server.session.ws("/");
  const remote = await accepted;
  await assert.rejects(client.receive({ timeout: 5 }), { name: "TimeoutError" });
  const waiting = createTask(() => client.receive());
  await sleep(0);
  await waiting.cancelAndWait();
  await remote.send("still there");
  assert.equal(await client.receive(), "still there");
  release();
});

test("a peer that does not read makes send wait, in order; a cancelled send has sent nothing", async () => {
  const { handler, accepted, release } = holding({ receiveQueue: 1 });
  await using server = await testServer(handler);
  await using client = await server.session.ws("/", { sendBuffer: 1024 });
  const remote = await accepted;
  const piece = "x".repeat(1_000_000);
  let sent = 0;
  while (
    (await moveOnAfter(100, async () => {
      await client.send(`${sent} ${piece}`);
      return true;
    })) === true
  ) {
    sent += 1;
  }
  assert.ok(sent > 0 && client.bufferedAmount > 1024);
  const late = ["a", "b", "c"].map((text) => createTask(() => client.send(text)));
  await sleep(0);
  await late[1]?.cancelAndWait();
  for (let index = 0; index < sent; index += 1) {
    assert.equal(String(await remote.receive()).split(" ")[0], String(index));
  }
  assert.equal(await remote.receive(), "a");
  assert.equal(await remote.receive(), "c");
  release();
});

test("messages that nobody receives make the socket pause, and come in order when somebody does", async () => {
  const { handler, accepted, release } = holding({ receiveQueue: 4 });
  await using server = await testServer(handler);
  await using client = await server.session.ws("/");
  const remote = await accepted;
  const sender = createTask(async () => {
    for (let index = 0; index < 2_000; index += 1) await client.send(`${index} ${"x".repeat(10_000)}`);
  });
  for (let before = -1; client.bufferedAmount !== before || before === 0;) {
    before = client.bufferedAmount;
    await sleep(20);
  }
  assert.ok(!sender.done());
  for (let index = 0; index < 2_000; index += 1) {
    assert.equal(String(await remote.receive()).split(" ")[0], String(index));
  }
  await sender;
  release();
});

test("a message that is too large closes the connection with 1009", async () => {
  const { handler, accepted, release } = holding({ maxMessageSize: 1000 });
  await using server = await testServer(handler);
  await using client = await server.session.ws("/");
  const remote = await accepted;
  await client.send("x".repeat(1001));
  await assert.rejects(remote.receive(), { name: "WebSocketClosedError" });
  await assert.rejects(client.receive(), { closeCode: 1009 });
  release();
});

test("subprotocols are agreed on, and headers go both ways", async () => {
  const seen = signal<string | null>();
  await using server = await testServer(async (request, context) => {
    seen.give(request.headers.get("x-client"));
    const socket = await context.upgrade({ protocols: ["v2", "v1"], headers: { "set-cookie": "a=1" } });
    await socket.send(socket.protocol);
  });
  await using session = new ClientSession({ baseUrl: server.url, headers: { "x-client": "session" } });
  await using socket = await session.ws("/", { protocols: ["v1", "v2"] });
  assert.equal(socket.protocol, "v2");
  assert.equal(await socket.receive(), "v2");
  assert.equal(await seen.promise, "session");
});

test("the session's cookies go along, and those of the handshake are kept", async () => {
  const cookies: (string | null)[] = [];
  await using server = await testServer(async (request, context) => {
    cookies.push(request.headers.get("cookie"));
    if (request.url.endsWith("/login")) return new Response(null, { headers: { "set-cookie": "user=me" } });
    await context.upgrade({ headers: { "set-cookie": "room=1" } });
    return undefined;
  });
  await server.session.get("/login");
  await (await server.session.ws("/")).close();
  await server.session.get("/login");
  assert.deepEqual(cookies, [null, "user=me", "user=me; room=1"]);
});

test("a peer that does not answer pings is noticed, on both sides", async () => {
  const { handler, accepted, release } = holding({ heartbeat: 30 });
  await using server = await testServer(handler);
  const dead = new WebSocket(server.url.replace("http", "ws"));
  const remote = await accepted;
  // A paused client answers nothing: to its peer it looks like one whose machine has gone.
  await using deaf = await server.session.ws("/", { heartbeat: Infinity, receiveQueue: 1 });
  dead.close();
  await assert.rejects(remote.receive(), { name: "WebSocketClosedError" });
  await deaf.close();
  release();

  const silent = new WebSocketServer({ port: 0, autoPong: false });
  const { port } = silent.address() as { port: number };
  await using session = new ClientSession();
  const client = await session.ws(`ws://127.0.0.1:${port}`, { heartbeat: 30 });
  await assert.rejects(client.receive(), {
    name: "WebSocketClosedError",
    closeCode: 1006,
    message: "the WebSocket is closed with 1006 (no pong within 30 ms)",
  });
  silent.close();
});

test("a slow handler is not taken for a dead peer: while its socket is paused, no pong is missed", async () => {
  const { handler, accepted, release } = holding({ heartbeat: 20, receiveQueue: 1 });
  await using server = await testServer(handler);
  await using client = await server.session.ws("/");
  const remote = await accepted;
  for (let index = 0; index < 10; index += 1) await client.send(String(index));
  await sleep(200);
  for (let index = 0; index < 10; index += 1) assert.equal(await remote.receive(), String(index));
  assert.equal(remote.closing, null);
  release();
});

test("closing is shielded from cancellation, and cut when the peer does not answer", async () => {
  const silent = new WebSocketServer({ port: 0 });
  const { port } = silent.address() as { port: number };
  silent.on("connection", (socket) => socket.pause());
  await using session = new ClientSession();
  const socket = await session.ws(`ws://127.0.0.1:${port}`, { closeTimeout: 50 });
  const closing = createTask(() => socket.close());
  await sleep(0);
  await closing.cancelAndWait();
  assert.equal(socket.closing?.code, 1006);
  for (const client of silent.clients) client.terminate();
  silent.close();
});

test("wrong codes, reasons and options are explained", async () => {
  await using server = await testServer(echo);
  await using socket = await server.session.ws("/");
  await assert.rejects(socket.close(1006), /close: expected a code such as 1000, or from 3000 to 4999, got 1006/);
  await assert.rejects(socket.close(1000, "x".repeat(124)), /at most 123 bytes/);
  await assert.rejects(server.session.ws("/", { hartbeat: 1 } as object), /ws: unknown option "hartbeat"/);
  await assert.rejects(server.session.ws("ftp://x"), /begins with http: or https:/);
});

test("closing the session closes its WebSockets with 1001, and it opens no more", async () => {
  await using server = await testServer(echo);
  const session = new ClientSession({ baseUrl: server.url });
  const socket = await session.ws("/");
  await session.close();
  assert.equal(socket.closing?.code, 1001);
  await assert.rejects(session.ws("/"), { name: "SessionClosedError" });
});

test("a client that vanishes cancels a handler that does not look at its socket", async () => {
  const ended = signal<unknown>();
  await using server = await testServer(async (_, context) => {
    await context.upgrade({ closeTimeout: 20 });
    try {
      await sleep("1h");
    } catch (error) {
      ended.give(error);
      throw error;
    }
  });
  const socket = await server.session.ws("/");
  await socket.close();
  const error = await ended.promise;
  assert.ok(isCancelled(error));
  assert.equal((error.reason as Error).name, "ClientDisconnected");
});

test("a thousand clients talk at once", { timeout: 60_000 }, async () => {
  await using server = await testServer(echo);
  const sockets: WebSocketConnection[] = [];
  for (let index = 0; index < 1_000; index += 50) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => server.session.ws("/")))));
  }
  assert.equal(server.statistics().requests, 1_000);
  const answers = await Promise.all(
    sockets.map(async (socket, index) => {
      await socket.send(String(index));
      return await socket.receive();
    }),
  );
  assert.deepEqual(
    answers,
    Array.from({ length: 1_000 }, (_, index) => String(index)),
  );
  await server.close({ drain: "20s" });
  assert.ok(sockets.every((socket) => socket.closing?.code === 1001));
});
