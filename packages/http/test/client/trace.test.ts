import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, type HttpEvent, httpChannels, traceHttp } from "@tsyncio/http";
import { createTask } from "tsyncio";
import { serveHttp, serveRaw, signal } from "../servers.ts";

/** What an event says that is always the same. */
function shown(event: HttpEvent): string {
  switch (event.type) {
    case "acquired":
      return `acquired ${event.reused ? "used" : "new"}`;
    case "headers":
      return `headers ${event.status}`;
    case "redirect":
      return `redirect ${event.status} ${new URL(event.to).pathname}`;
    case "retry":
      return `retry ${event.attempt} ${event.staleConnection ? "stale" : String(event.reason)}`;
    case "end":
      return `end ${event.bytes}`;
    case "cancelled":
      return `cancelled ${event.phase}`;
    case "error":
      return `error ${event.phase} ${(event.error as Error).name}`;
    default:
      return event.type;
  }
}

test("every step of a request is an event, in order, under one number", async () => {
  let busy = true;
  await using server = await serveHttp((request, response) => {
    if (request.url === "/from") response.writeHead(302, { location: "/to" }).end("moved");
    else if (busy) response.writeHead(503).end();
    else response.end("done!");
    if (request.url === "/to") busy = false;
  });
  await using session = new ClientSession({ baseUrl: server.url, retry: { attempts: 2, base: 1 } });
  const events: HttpEvent[] = [];
  {
    using _ = traceHttp((event) => events.push(event));
    await (await session.get("/from")).text();
  }
  await (await session.get("/to")).text();
  // The end of an answer's body may come with its head or later.
  const ends = events.filter((event) => event.type === "end").map(shown);
  assert.deepEqual(ends, ["end 5", "end 0", "end 5"]);
  assert.deepEqual(events.filter((event) => event.type !== "end").map(shown), [
    "start",
    "acquired new",
    "connected",
    "sent",
    "headers 302",
    "redirect 302 /to",
    "acquired used",
    "sent",
    "headers 503",
    "retry 1 503",
    "acquired used",
    "sent",
    "headers 200",
  ]);
  assert.equal(new Set(events.map((event) => event.id)).size, 1);
  for (const event of events) if ("elapsed" in event) assert.ok(event.elapsed >= 0);
});

test("failures, cancellations and stale connections are events; other requests have other numbers", async () => {
  const arrived = signal();
  await using silent = await serveHttp(() => arrived.give());
  await using dropping = await serveRaw((socket) => {
    let used = false;
    socket.on("data", () => {
      if (used) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      used = true;
    });
  });
  await using session = new ClientSession();
  const events: HttpEvent[] = [];
  using _ = traceHttp((event) => events.push(event));
  const task = createTask(() => session.get(silent.url));
  await arrived.promise;
  await task.cancelAndWait();
  await session.get("http://127.0.0.1:1/").catch(() => {});
  await (await session.get(dropping.url)).text();
  await (await session.get(dropping.url)).text();
  const kinds = events.map(shown).filter((text) => /error|retry|cancelled/.test(text));
  assert.deepEqual(kinds, [
    "cancelled headers",
    "error connect ConnectionError",
    "error headers ConnectionError",
    "retry 1 stale",
  ]);
  assert.equal(new Set(events.map((event) => event.id)).size, 4);
});

test("a single channel can be listened to, and a password does not get into events", async () => {
  await using server = await serveHttp((_, response) => response.end());
  await using session = new ClientSession();
  const messages: unknown[] = [];
  const listener = (message: unknown): void => void messages.push(message);
  httpChannels.start.subscribe(listener);
  await (await session.get(server.url.replace("//", "//me:s3cret@"))).text();
  httpChannels.start.unsubscribe(listener);
  assert.equal(messages.length, 1);
  assert.equal((messages[0] as HttpEvent).request, `GET ${server.url}/`);
});

test("a response knows how long its phases took", async () => {
  await using server = await serveHttp((_, response) => response.end("x"));
  await using session = new ClientSession();
  const first = await session.get(server.url);
  await first.text();
  for (const value of Object.values(first.timings)) assert.ok((value as number) >= 0, JSON.stringify(first.timings));
  assert.ok(first.timings.connect > 0);
  const second = await session.get(server.url);
  assert.equal(second.timings.connect, 0);
  await second.text();
  assert.ok(second.timings.body !== undefined);
});
