import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { ClientSession, HttpStatusError, type ServerSentEvent } from "@tsyncio/http";
import { createTask, isCancelled, moveOnAfter } from "tsyncio";
import { serveHttp, signal } from "../servers.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers each request with the next one of these; the last one is repeated. */
async function serveEvents(...answers: Answer[]) {
  const lastIds: (string | undefined)[] = [];
  const server = await serveHttp((request, response) => {
    lastIds.push(request.headers["last-event-id"] as string | undefined);
    response.setHeader("content-type", "text/event-stream; charset=utf-8");
    (answers[Math.min(lastIds.length, answers.length) - 1] as Answer)(response, request);
  });
  return Object.assign(server, { lastIds });
}

const noMore: Answer = (response) => response.writeHead(204).end();
const quick = { reconnect: { delay: 1 } };

test("events come with type, data and the last identifier, until the server says that there is no more", async () => {
  const text =
    ": hello\n\ndata: one\n\nevent: add\nid: 7\ndata: two\ndata: lines\r\n\r\nid\ndata:three\n\ndata: unfinished";
  await using server = await serveEvents((response) => response.end(text), noMore);
  await using session = new ClientSession();
  const events = await Array.fromAsync(session.events(server.url, quick));
  assert.deepEqual(events, [
    { type: "message", data: "one", lastEventId: "" },
    { type: "add", data: "two\nlines", lastEventId: "7" },
    { type: "message", data: "three", lastEventId: "" },
  ]);
});

test("a stream that ends, breaks or is refused for a while is taken up where it was, after the server's pause", async () => {
  await using server = await serveEvents(
    (response) => response.end("retry: 1\nid: ä1\ndata: a\n\n"),
    (response) => response.writeHead(503).end("restarting"),
    (response) => {
      response.write("id: 2\ndata: b\n\ndata: cut o", () => response.destroy());
    },
    (response) => response.end("data: c\n\n"),
    noMore,
  );
  await using session = new ClientSession();
  const stream = session.events(server.url, { lastEventId: "0", reconnect: { delay: "1h" } });
  assert.deepEqual(
    (await Array.fromAsync(stream)).map((event) => event.data),
    ["a", "b", "c"],
  );
  const sent = Buffer.from("ä1").toString("latin1");
  assert.deepEqual(server.lastIds, ["0", sent, sent, "2", "2"]);
  assert.equal(stream.lastEventId, "2");
});

test("what will not become better is thrown: a wrong status, a wrong type, no server at the beginning, too many attempts", async () => {
  await using session = new ClientSession();
  const read = (url: string, options = {}): Promise<ServerSentEvent[]> =>
    Array.fromAsync(session.events(url, { ...quick, ...options }));
  await using missing = await serveEvents((response) => response.writeHead(404).end("no such stream"));
  await assert.rejects(read(missing.url), (error: HttpStatusError) => error.text() === "no such stream");
  await using busy = await serveEvents((response) => response.writeHead(503).end());
  await assert.rejects(read(busy.url), HttpStatusError);
  await using page = await serveEvents((response) => response.setHeader("content-type", "text/html").end());
  await assert.rejects(read(page.url), /expected text\/event-stream, got "text\/html"/);
  await assert.rejects(read("http://127.0.0.1:1/"), { name: "ConnectionError" });
  await using dying = await serveEvents(
    (response) => response.end("data: a\n\n"),
    (response) => response.writeHead(503).end(),
  );
  await assert.rejects(read(dying.url, { reconnect: { delay: 1, attempts: 3 } }), HttpStatusError);
  assert.equal(dying.lastIds.length, 4);
  await using flood = await serveEvents((response) => response.write(`data: ${"x".repeat(5_000)}`));
  await assert.rejects(read(flood.url, { maxEventSize: 1_000 }), { name: "ResponseTooLargeError" });
  await flood.allClosed();
});

test("without reconnecting, and for methods other than GET, a stream is over when it ends", async () => {
  await using server = await serveEvents((response, request) => {
    request.resume();
    response.end(`data: ${request.method}\n\n`);
  });
  await using session = new ClientSession();
  const read = async (options: object): Promise<string[]> =>
    (await Array.fromAsync(session.events(server.url, options))).map((event) => event.data);
  assert.deepEqual(await read({ reconnect: false }), ["GET"]);
  assert.deepEqual(await read({ method: "post", json: {} }), ["POST"]);
});

test("a next() that is cancelled loses nothing; the stream ends with its task, or when it is left", async () => {
  const send: ((text: string) => void)[] = [];
  await using server = await serveEvents((response) => {
    response.write(": ready\n\n");
    send.push((text) => void response.write(text));
  });
  await using session = new ClientSession();
  {
    await using stream = session.events(server.url);
    await moveOnAfter(20, () => stream.next());
    while (send.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await moveOnAfter(5, () => stream.next());
    send[0]?.("data: kept\n\n");
    assert.deepEqual(await stream.next(), { done: false, value: { type: "message", data: "kept", lastEventId: "" } });
    assert.equal(server.lastIds.length, 1);
  }
  await server.allClosed();

  const first = signal();
  const errors: unknown[] = [];
  const task = createTask(async () => {
    try {
      for await (const _ of session.events(server.url)) first.give();
    } catch (error) {
      errors.push(error);
      throw error;
    }
  });
  while (send.length < 2) await new Promise((resolve) => setImmediate(resolve));
  send[1]?.("data: x\n\n");
  await first.promise;
  await task.cancelAndWait();
  assert.ok(isCancelled(errors[0]));
  await server.allClosed();
});

test("a stream that is left ends at once, also in its pause and while it connects", async () => {
  await using server = await serveEvents(
    (response) => response.end("data: a\n\n"),
    () => {},
  );
  await using session = new ClientSession();
  const pausing = session.events(server.url, { reconnect: { delay: "1h" } });
  await pausing.next();
  const waiting = pausing.next();
  await pausing.return();
  assert.deepEqual(await waiting, { done: true, value: undefined });

  const connecting = session.events(server.url);
  const first = connecting.next();
  while (server.lastIds.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await connecting.return();
  assert.deepEqual(await first, { done: true, value: undefined });
  await server.allClosed();
});

test("events have no total timeout of their own, and take the options of a request", async () => {
  await using server = await serveEvents(
    (response, request) => response.end(`data: ${String(request.headers["x-a"])}\n\n`),
    noMore,
  );
  await using session = new ClientSession({ timeout: 1 });
  const [event] = await Array.fromAsync(session.events(server.url, { ...quick, headers: { "x-a": "1" } }));
  assert.equal(event?.data, "1");
  assert.throws(() => session.events(server.url, { retries: 3 } as never), /events: unknown option "retries"/);
});
