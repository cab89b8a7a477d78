import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { testServer } from "@tsyncio/http";
import { signal } from "../servers.ts";
import { exchange, RawClient, statusOf } from "./raw-client.ts";

/**
 * Requests that two parties could take for different ones, which is what request smuggling lives on. Each is refused, its
 * connection closed, and no handler runs: "node" by Node's parser, "server" by this server, because Node lets it through.
 */
const refused: readonly (readonly [by: "node" | "server", what: string, request: string])[] = [
  [
    "node",
    "a length and chunks",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
  ],
  ["node", "two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["node", "a list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na"],
  ["node", "a length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na"],
  ["node", "a length that is negative", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"],
  ["node", "a length in hexadecimal", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na"],
  [
    "server",
    "an encoding that does not end in chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
  ],
  [
    "server",
    "an encoding that nobody here knows",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  ],
  [
    "server",
    "two encodings",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  [
    "server",
    "an encoding that only looks like chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  ],
  ["node", "a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n"],
  ["node", "a blank before the colon", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\na"],
  ["node", "a bare line feed after a field", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n"],
  ["node", "a bare line feed after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"],
  ["node", "a bare carriage return", "GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n"],
  ["node", "a zero byte in a field", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"],
  ["node", "a field without a name", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n"],
  ["server", "no host", "GET / HTTP/1.1\r\n\r\n"],
  ["node", "a protocol that is none", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"],
  ["node", "a head that is too large", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
  ["server", "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
  ["server", "a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["server", "a host with a user name", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"],
  ["server", "a host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["server", "a host that is none", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"],
  ["server", "chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["server", "a target of another protocol", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["server", "a method that the web does not allow", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["server", "too many fields", `GET / HTTP/1.1\r\nHost: a\r\n${"X: 1\r\n".repeat(200)}\r\n`],
];

test("requests that could be understood in two ways are refused, and what follows them is not served", async () => {
  let handled = 0;
  await using server = await testServer(() => {
    handled += 1;
    return new Response("handled");
  });
  for (const [, what, request] of refused) {
    const answer = await exchange(server.port, `${request}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.ok([400, 431, 501, 505].includes(statusOf(answer)), `${what}: ${answer.split("\r\n")[0]}`);
    assert.equal(handled, 0, what);
    assert.equal(answer.split("HTTP/1.1 ").length, 2, what);
  }
});

const wrongBodies = [
  ["a chunk size that is none", "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"],
  ["a chunk that is longer than its size", "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"],
  ["a chunk size beyond all numbers", `Transfer-Encoding: chunked\r\n\r\n${"f".repeat(20)}\r\nabc`],
  ["a chunk that ends in a bare line feed", "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n"],
  ["a chunk with an endless extension", `Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}\r\na\r\n0\r\n\r\n`],
] as const;

test("a body in broken chunks fails its reader, and the connection is closed", async () => {
  for (const [what, body] of wrongBodies) {
    const failed = signal<unknown>();
    await using server = await testServer(
      async (request) => {
        try {
          return new Response(await request.text());
        } catch (error) {
          failed.give(error);
          throw error;
        }
      },
      { onError: () => {} },
    );
    const answer = await exchange(server.port, `POST / HTTP/1.1\r\nHost: a\r\n${body}`);
    assert.notEqual(statusOf(answer), 200, what);
    assert.ok((await failed.promise) instanceof Error, what);
  }
});

test("a client that sends less than it announced fails the reader; one that sends more is refused", async () => {
  const failed = signal<unknown>();
  await using server = await testServer(async (request) => {
    try {
      return new Response(`[${await request.text()}]`);
    } catch (error) {
      failed.give(error);
      throw error;
    }
  });
  await using short = await RawClient.open(server.port);
  short.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  short.socket.end();
  await failed.promise;
  const long = await exchange(server.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcdef\r\n\r\n");
  assert.equal(statusOf(long.slice(long.lastIndexOf("HTTP/1.1"))), 400);
});

test("clients that are slow to send a head or a body are cut off", async () => {
  await using server = await testServer(async (request) => new Response(await request.text()), {
    headersTimeout: 50,
    requestTimeout: 100,
    onError: () => {},
  });
  const slowHead = await RawClient.open(server.port);
  slowHead.send("GET / HTTP/1.1\r\nHost:");
  assert.equal(statusOf(await slowHead.untilClosed()), 408);
  const slowBody = await RawClient.open(server.port);
  slowBody.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\npart");
  await slowBody.untilClosed();
});

test("an idle connection is closed after keepAliveTimeout", async () => {
  await using server = await testServer(() => new Response("x"), { keepAliveTimeout: 20 });
  await using client = await RawClient.open(server.port);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.untilClosed();
});

test("clients that hang, leave or reset at any byte of a request disturb nobody", async () => {
  await using server = await testServer(async (request) => new Response(await request.text()), { onError: () => {} });
  const text = "POST /path HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  const hanging: RawClient[] = [];
  for (let length = 0; length <= text.length; length += 1) {
    for (const end of ["hang", "leave", "reset", "half"] as const) {
      const client = await RawClient.open(server.port);
      if (length > 0) await new Promise((resolve) => client.socket.write(text.slice(0, length), resolve));
      if (end === "leave") client.socket.destroy();
      else if (end === "reset") client.socket.resetAndDestroy();
      else if (end === "half") client.socket.end();
      else hanging.push(client);
    }
  }
  assert.equal(await (await server.session.post("/", { body: "still there" })).text(), "still there");
  await server.close();
  for (const client of hanging) await client.untilClosed();
});

test("what is no HTTP at all, such as TLS, is answered with 400 and closed", async () => {
  await using server = await testServer(() => new Response());
  await using client = await RawClient.open(server.port);
  client.socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]));
  assert.equal(statusOf(await client.untilClosed()), 400);
  if (!client.socket.destroyed) await once(client.socket, "close");
});
