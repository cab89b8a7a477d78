import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { ClientSession, serve, testServer } from "@tsyncio/http";
import { createTask, select, sleep } from "tsyncio";
import { serveRaw, signal } from "../servers.ts";
import { exchange, RawClient, statusOf } from "../server/raw-client.ts";

const handshake =
  "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

test("the handler that refuses an upgrade answers with an ordinary response", async () => {
  await using server = await testServer(() => new Response("no", { status: 403, headers: { "x-why": "because" } }));
  const answer = await exchange(server.port, handshake);
  assert.equal(statusOf(answer), 403);
  assert.match(answer, /x-why: because[^]*no$/);
  await assert.rejects(server.session.ws("/"), {
    name: "WebSocketHandshakeError",
    status: 403,
    message: `WebSocket ws://127.0.0.1:${server.port}/: the server answered 403`,
  });
});

test("a request that is no handshake, or a malformed one, is told so", async () => {
  await using server = await testServer(async (_, context) => {
    await context.upgrade();
  });
  assert.equal((await server.session.get("/")).status, 426);
  assert.equal(statusOf(await exchange(server.port, handshake.replace("==", ""))), 400);
  assert.equal(statusOf(await exchange(server.port, handshake.replace("13", "8"))), 426);
  assert.equal(statusOf(await exchange(server.port, handshake.replace("GET", "POST"))), 400);
});

test("a request for another upgrade than WebSocket is an ordinary one", async () => {
  await using server = await testServer((request) => new Response(`plain ${request.headers.get("upgrade")}`));
  const text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n";
  assert.match(await exchange(server.port, text), /plain h2c/);
});

test("a handler that fails before the upgrade is answered for with 500; a slow one is cancelled when its client leaves", async () => {
  const arrived = signal();
  const ended = signal<unknown>();
  await using server = await testServer(
    async (request) => {
      if (request.headers.get("x-fail") !== null) throw new Error("broke");
      arrived.give();
      try {
        await sleep("1h");
      } catch (error) {
        ended.give(error);
        throw error;
      }
    },
    { onError: () => {} },
  );
  assert.equal(statusOf(await exchange(server.port, handshake.replace("Host: a", "Host: a\r\nX-Fail: 1"))), 500);
  await using client = await RawClient.open(server.port);
  client.send(handshake);
  await arrived.promise;
  client.socket.resetAndDestroy();
  assert.equal(((await ended.promise) as { cause: Error }).cause.name, "ClientDisconnected");
});

test("resets at each step of the upgrade disturb nobody", async () => {
  await using server = await testServer(
    async (_, context) => {
      await sleep(1);
      const socket = await context.upgrade();
      for await (const message of socket) await socket.send(message);
    },
    { onError: () => {} },
  );
  const frame = String.fromCharCode(0x81, 0x82, 1, 2, 3, 4, 0x69 ^ 1, 0x69 ^ 2);
  const text = handshake + frame;
  for (let length = 0; length <= text.length; length += 3) {
    for (const way of ["reset", "end", "destroy"] as const) {
      const client = await RawClient.open(server.port);
      if (length > 0) await new Promise((resolve) => client.socket.write(text.slice(0, length), "latin1", resolve));
      if (length % 2 === 0 && length > handshake.length) await client.until("101");
      if (way === "reset") client.socket.resetAndDestroy();
      else if (way === "end") client.socket.end();
      else client.socket.destroy();
    }
  }
  await using socket = await server.session.ws("/");
  await socket.send("still there");
  assert.equal(await socket.receive(), "still there");
});

test("frames that break the protocol close the connection, and harm nobody else", async () => {
  await using server = await testServer(async (_, context) => {
    const socket = await context.upgrade();
    for await (const message of socket) await socket.send(message);
  });
  const broken = [
    [0x81, 0x05, 1],
    [0x8f, 0x80, 0, 0, 0, 0],
    [0xc1, 0x80, 0, 0, 0, 0],
    [0x88, 0x81, 0, 0, 0, 0, 1],
  ];
  for (const bytes of broken) {
    await using client = await RawClient.open(server.port);
    client.send(handshake);
    await client.until("\r\n\r\n");
    client.socket.write(Buffer.from(bytes));
    await client.untilClosed();
  }
});

test("dialling is cancelled at once in each phase, and leaves no socket", async () => {
  await using session = new ClientSession();
  await using silent = await serveRaw((socket) => socket.resume());
  for (const url of [`ws://127.0.0.1:${silent.port}`, `wss://127.0.0.1:${silent.port}`]) {
    const before = silent.accepted;
    const task = createTask(() => session.ws(url));
    await silent.acceptedAtLeast(before + 1);
    await task.cancelAndWait();
    assert.ok(task.cancelled());
  }
  await silent.allClosed();
});

test("a server that is not there, does not answer, or speaks nonsense gives an error that says so", async () => {
  await using session = new ClientSession({ timeout: { connect: 50 } });
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as { port: number };
  closed.close();
  await assert.rejects(session.ws(`ws://127.0.0.1:${port}`), { name: "ConnectionError", code: "ECONNREFUSED" });
  await using silent = await serveRaw((socket) => socket.resume());
  await assert.rejects(session.ws(`ws://127.0.0.1:${silent.port}`), { name: "ConnectTimeoutError" });
  await using babbling = await serveRaw((socket) => socket.once("data", () => socket.end("what?\r\n\r\n")));
  await assert.rejects(session.ws(`ws://127.0.0.1:${babbling.port}`), { name: "ConnectionError" });
  await silent.allClosed();
});

test("at shutdown a handler that looks for it can say goodbye, and close its socket itself", async () => {
  await using session = new ClientSession();
  const server = await serve(
    async (_, context) => {
      const socket = await context.upgrade();
      await select({ stop: context.shuttingDown });
      await socket.send("goodbye");
      await socket.close(1001, "gone");
    },
    { port: 0, hostname: "127.0.0.1" },
  );
  const socket = await session.ws(server.url);
  const closing = server.close();
  const got: unknown[] = [];
  for await (const message of socket) got.push(message);
  assert.deepEqual(got, ["goodbye"]);
  assert.deepEqual(socket.closing, { code: 1001, reason: "gone" });
  await closing;
});
