import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientDisconnected, type Handler, testServer } from "@tsyncio/http";
import { sleepForever } from "tsyncio";
import { signal } from "../servers.ts";
import { RawClient, statusOf } from "./raw-client.ts";

/**
 * Requests that ask to become a WebSocket while the socket is not theirs yet, because answers to what came before are
 * still to be sent. Node hands them over all the same, and lets go of the socket.
 */
const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
const websocket = `${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`;
const request = (path: string, fields = "", body = ""): string =>
  `${body === "" ? "GET" : "POST"} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;

const upgrades: Readonly<Record<string, string>> = {
  "a correct one": request("/socket", websocket),
  "one with two hosts": request("/socket", `Host: b\r\n${upgrade}`),
  "one that a handler answers": request("/plain", websocket),
  "one that fails": request("/fails", websocket),
  "one with an answer that cannot be sent": request("/unsendable", websocket),
  "one without a key": request("/socket", upgrade),
  "one to another protocol": request("/plain", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
  "one with a body": request("/socket", `${websocket}Content-Length: 4\r\n`, "body"),
  "one with a body that does not come": request("/socket", `${websocket}Content-Length: 4\r\n`, "bo"),
  "one with a body in chunks": request("/plain", `${upgrade}Transfer-Encoding: chunked\r\n`, "4\r\nbody\r\n0\r\n\r\n"),
  "one with a body that is too large": request("/plain", `${websocket}Content-Length: 9999\r\n`, "body"),
};

const before: Readonly<Record<string, string>> = {
  nothing: "",
  "a request that is answered at once": request("/plain"),
  "two of them": request("/plain") + request("/plain"),
  "a request that is not answered": request("/slow"),
  "an answered and an unanswered one": request("/plain") + request("/slow"),
  "an answer that never ends": request("/stream"),
  "an answer larger than the client reads": request("/large"),
  "a request that fails": request("/fails"),
  "a request that is refused, and its connection kept": request("/plain", "Content-Length: 2000\r\n", "x".repeat(2000)),
  "a request that is refused, and its connection closed": request("/plain", "Host: b\r\n"),
  "a request that expects what nobody knows": request("/plain", "Expect: wonders\r\n"),
  "a request that waits for a word": request("/plain", "Expect: 100-continue\r\nContent-Length: 4\r\n", "body"),
  "a body that nobody reads": request("/slow", "Content-Length: 4\r\n", "body"),
};

const handler: Handler = async (incoming, context) => {
  const { pathname } = new URL(incoming.url);
  switch (pathname) {
    case "/slow":
      return await sleepForever();
    case "/large":
      return new Response("x".repeat(60_000));
    case "/fails":
      throw new Error("as asked");
    case "/unsendable":
      return new Response("x", { headers: { "content-length": "many" } });
    case "/stream":
      return new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("begun")) }),
      );
    case "/socket": {
      const socket = await context.upgrade();
      for await (const message of socket) await socket.send(message);
      return undefined;
    }
    default:
      return new Response(`plain ${await incoming.text()}`);
  }
};

async function untilNothingRuns(server: Awaited<ReturnType<typeof testServer>>): Promise<void> {
  while (server.statistics().requests > 0) await new Promise((resolve) => setImmediate(resolve));
}

test("an upgrade behind a request that is not answered ends the connection, and cancels that request", async () => {
  for (const second of ["a correct one", "one with two hosts", "one that a handler answers"]) {
    const ended = signal<unknown>();
    await using server = await testServer(async () => {
      try {
        return await sleepForever();
      } catch (error) {
        ended.give(error);
        throw error;
      }
    });
    await using client = await RawClient.open(server.port);
    client.send(request("/slow") + (upgrades[second] as string));
    assert.ok(((await ended.promise) as Error).cause instanceof ClientDisconnected, second);
    assert.equal(await client.untilClosed(), "", second);
    await untilNothingRuns(server);
  }
});

test("an answer that is complete arrives before the connection ends with what came behind it", async () => {
  await using server = await testServer(handler, { maxBodySize: 1000 });
  for (const status of [413, 417]) {
    const fields = status === 413 ? "Content-Length: 1001\r\nExpect: 100-continue\r\n" : "Expect: wonders\r\n";
    await using client = await RawClient.open(server.port);
    client.send(request("/plain", fields) + (upgrades["a correct one"] as string));
    const answer = await client.untilClosed();
    assert.equal(statusOf(answer), status);
    assert.match(answer, /Content Too Large$|Expectation Failed$/);
  }
});

test("an upgrade behind an answer that has arrived is one like any other", async () => {
  await using server = await testServer(handler);
  await using client = await RawClient.open(server.port);
  client.send(request("/large"));
  await client.until("x".repeat(60_000));
  client.send(upgrades["a correct one"] as string);
  await client.until("101 Switching Protocols");
});

test("an upgrade behind any other request, cut at any place, however the client leaves, disturbs nobody", async () => {
  const failed: string[] = [];
  await using server = await testServer(handler, {
    maxBodySize: 1000,
    onError: (error) => failed.push((error as Error).message),
  });
  const tails = { nothing: "", "a frame": "\x81\x82\0\0\0\0ab", "a request": request("/plain") };
  for (const [first, head] of Object.entries(before)) {
    for (const [second, text] of Object.entries(upgrades)) {
      for (const [third, tail] of Object.entries(tails)) {
        for (const end of ["reset", "half", "reads"] as const) {
          const what = `${first}, ${second}, ${third}, ${end}`;
          await using client = await RawClient.open(server.port, { allowHalfOpen: true });
          if (end !== "reads") client.socket.pause();
          await new Promise((resolve) => client.socket.write(head + text + tail, "latin1", resolve));
          // The server has read all of it when it has answered somebody who came later.
          assert.equal((await server.session.get("/plain")).status, 200, what);
          if (end === "reset") client.socket.resetAndDestroy();
          else client.socket.resume().end();
          await client.untilClosed();
          client.socket.destroy();
          await untilNothingRuns(server);
          const parts = client.received.split("HTTP/1.1 ").slice(1);
          const switched = parts.findIndex((part) => part.startsWith("101"));
          assert.ok(switched === -1 || switched === parts.length - 1, `${what}: ${client.received}`);
          assert.ok(switched === -1 || switched === head.split("HTTP/1.1").length - 1, `${what}: ${client.received}`);
        }
      }
    }
  }
  assert.deepEqual([...new Set(failed)].toSorted(), [
    "as asked",
    'the response\'s content-length is no number: "many"',
  ]);
});

test("a client that resets the connection amid the body of an upgrade disturbs nobody", async () => {
  const arrived = signal();
  await using server = await testServer(async () => {
    arrived.give();
    return await sleepForever();
  });
  await using client = await RawClient.open(server.port);
  client.send(request("/slow", `${websocket}Content-Length: 4\r\n`, "bo"));
  await arrived.promise;
  client.socket.resetAndDestroy();
  await untilNothingRuns(server);
});
