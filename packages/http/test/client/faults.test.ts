import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import {
  ClientSession,
  ConnectionError,
  HttpTimeoutError,
  MalformedResponseError,
  type RequestPhase,
} from "@tsyncio/http";
import { createTask } from "tsyncio";
import { serveHttp, serveRaw } from "../servers.ts";

const head = "HTTP/1.1 200 OK\r\n";

/** Calls back when a whole request head has come. */
function onRequest(act: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (!text.includes("\r\n\r\n")) return;
      text = "";
      act(socket);
    });
  };
}

/** Sends a part of an answer, and then nothing, or a reset. */
const partial: readonly (readonly [string, RequestPhase])[] = [
  ["", "headers"],
  ["HTTP/1.", "headers"],
  [head, "headers"],
  [`${head}content-le`, "headers"],
  [`${head}content-length: 10\r\n\r\n`, "body"],
  [`${head}content-length: 10\r\n\r\nsome`, "body"],
  [`${head}transfer-encoding: chunked\r\n\r\n`, "body"],
  [`${head}transfer-encoding: chunked\r\n\r\n5`, "body"],
  [`${head}transfer-encoding: chunked\r\n\r\n5\r\nhel`, "body"],
  [`${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, "body"],
  [`${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`, "body"],
];

test("a server that resets at any step is a ConnectionError of that phase, and nothing is left", async () => {
  for (const [answer, phase] of partial) {
    await using server = await serveRaw(onRequest((socket) => socket.write(answer, () => socket.resetAndDestroy())));
    await using session = new ClientSession();
    await assert.rejects(
      async () => (await session.get(server.url)).text(),
      (error: Error) => {
        assert.ok(error instanceof ConnectionError, `${JSON.stringify(answer)}: ${String(error)}`);
        assert.equal(error.phase, phase, answer);
        return true;
      },
    );
    assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
  }
});

test("a server that closes at any step is noticed: no answer is taken for whole that is not", async () => {
  for (const [answer] of partial) {
    await using server = await serveRaw(onRequest((socket) => socket.end(answer)));
    await using session = new ClientSession();
    await assert.rejects(
      async () => (await session.get(server.url)).text(),
      (error: Error) => error instanceof ConnectionError || error instanceof MalformedResponseError,
      answer,
    );
  }
});

test("a server that hangs at any step runs into the timeout of that step, and its socket is closed", async () => {
  for (const [answer, phase] of partial) {
    await using server = await serveRaw(onRequest((socket) => socket.write(answer)));
    await using session = new ClientSession({ timeout: { headers: 40, read: 40 } });
    await assert.rejects(
      async () => (await session.get(server.url)).text(),
      (error: Error) => error instanceof HttpTimeoutError && error.phase === phase,
      answer,
    );
    await server.allClosed();
  }
});

test("a request is cancelled at any step of an answer, and its socket is closed", async () => {
  for (const [answer] of partial) {
    await using server = await serveRaw(onRequest((socket) => socket.write(answer, () => task.cancel())));
    await using session = new ClientSession();
    const task = createTask(async () => (await session.get(server.url)).text());
    await assert.rejects(async () => await task, { name: "CancelledError" });
    await server.allClosed();
    assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
  }
});

test("answers that break the rules are malformed", async () => {
  const wrong: readonly string[] = [
    `${head}content-length: ten\r\n\r\n`,
    `${head}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
    `${head}transfer-encoding: chunked\r\n\r\nxyz\r\nabc\r\n`,
    `${head}transfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n`,
    `${head}transfer-encoding: chunked\r\n\r\n-1\r\n`,
    `${head}bad header\r\n\r\n`,
    `${head}: no name\r\n\r\n`,
    "HTTP/9.9 200 OK\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "<html>not http</html>\r\n\r\n",
    `${head}${"x-many: 1\r\n".repeat(3_000)}\r\n`,
    `${head}x-long: ${"a".repeat(100_000)}\r\n\r\n`,
  ];
  for (const answer of wrong) {
    await using server = await serveRaw(onRequest((socket) => socket.write(answer)));
    await using session = new ClientSession();
    await assert.rejects(
      async () => (await session.get(server.url)).text(),
      (error: Error) => {
        assert.ok(error instanceof MalformedResponseError, `${answer.slice(0, 60)}: ${String(error)}`);
        return true;
      },
    );
    await server.allClosed();
  }
});

test("a peer that has closed its half still gets to answer, and the connection is not used again", async () => {
  await using server = await serveRaw(
    onRequest((socket) => {
      socket.write(`${head}content-length: 2\r\n\r\no`);
      setImmediate(() => socket.end("k"));
    }),
  );
  await using session = new ClientSession();
  for (let i = 0; i < 3; i += 1) assert.equal(await (await session.get(server.url)).text(), "ok");
});

test("an answer that ends with its connection is whole, and early hints are no answer", async () => {
  await using server = await serveRaw(
    onRequest((socket) => {
      socket.write("HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n");
      socket.end(`${head}x-last: 1\r\n\r\nto the end`);
    }),
  );
  await using session = new ClientSession();
  const response = await session.get(server.url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("link"), null);
  assert.equal(await response.text(), "to the end");
});

test("line breaks in a URL, a method, a header or a name of a cookie do not become a second request", async () => {
  const seen: string[] = [];
  await using server = await serveHttp((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end();
  });
  await using session = new ClientSession({ baseUrl: server.url });
  await (await session.get("/a\r\nb?c=\r\nd", { query: { e: "1\r\nf" } })).text();
  assert.deepEqual(seen, ["GET /ab?c=d&e=1%0D%0Af"]);
  for (const method of ["GET / HTTP/1.1\r\nhost: evil\r\n\r\nGET", "GE T", "GET\n", "", 7]) {
    await assert.rejects(session.request(method as string, "/"), /expected a method such as "GET"/);
  }
  for (const headers of [
    { "x-a": "1\r\nx-b: 2" },
    { "x-a": "1\nx-b: 2" },
    { "x-a\r\n": "1" },
    { "x a": "1" },
    { cookie: "a=1\r\nx-b: 2" },
    { host: "evil\r\nx-b: 2" },
    [["x-a", "1\0"]],
  ]) {
    await assert.rejects(session.get("/", { headers: headers as Record<string, string> }), TypeError);
    assert.throws(() => new ClientSession({ headers: headers as Record<string, string> }), TypeError);
  }
  await assert.rejects(session.get("/", { auth: { token: "a\r\nb" } }), TypeError);
  await assert.rejects(session.get("/", { auth: { username: "a:b", password: "" } }), /cannot contain a colon/);
  assert.equal(seen.length, 1);
});
