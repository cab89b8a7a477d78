import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, ConnectionError, type RequestOptions } from "@tsyncio/http";
import { RetryBudget } from "tsyncio/resilience";
import { serveHttp, serveRaw } from "../servers.ts";

const quick = { base: 1, maxDelay: 5 };

/** Answers with these statuses in turn, then with 200; counts. */
async function serveStatuses(statuses: number[], headers: Record<string, string> = {}) {
  const seen: string[] = [];
  const server = await serveHttp((request, response) => {
    seen.push(String(request.method));
    request.resume();
    response.writeHead(statuses[seen.length - 1] ?? 200, headers).end(String(seen.length));
  });
  return { seen, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("temporary statuses are tried again until one is not, or the attempts are used up", async () => {
  await using server = await serveStatuses([503, 429, 500]);
  await using session = new ClientSession({ baseUrl: server.url, retry: { attempts: 4, ...quick } });
  assert.equal(await (await session.get("/")).text(), "4");
  await using other = await serveStatuses([503, 503, 503]);
  const last = await session.get(other.url, { retry: 1 });
  assert.equal(last.status, 503);
  assert.equal(await last.text(), "2");
});

test("nothing is tried again unless told, nor what is not temporary, nor methods that are not idempotent", async () => {
  await using session = new ClientSession({ retry: { attempts: 3, ...quick } });
  await using plain = await serveStatuses([503]);
  assert.equal((await session.get(plain.url, { retry: false })).status, 503);
  await using missing = await serveStatuses([404]);
  assert.equal((await session.get(missing.url)).status, 404);
  await using posted = await serveStatuses([503, 503]);
  assert.equal((await session.post(posted.url, { json: 1 })).status, 503);
  assert.equal(posted.seen.length, 1);
  const told = await session.post(posted.url, { json: 1, retry: { methods: ["post"] } });
  assert.equal(told.status, 200);
  await using put = await serveStatuses([503]);
  const stream = (async function* once() {
    yield "x";
  })();
  assert.equal((await session.put(put.url, { body: stream })).status, 503);
});

test("Retry-After is obeyed, and one beyond the longest pause leaves the answer as it is", async () => {
  await using server = await serveStatuses([503], { "retry-after": "0" });
  await using session = new ClientSession({ retry: { attempts: 2, base: 1, maxDelay: "1s" } });
  assert.equal((await session.get(server.url)).status, 200);
  await using busy = await serveStatuses([503, 503], { "retry-after": "3600" });
  assert.equal((await session.get(busy.url)).status, 503);
  assert.equal(busy.seen.length, 1);
});

test("a broken connection is tried again, and the last failure is thrown", async () => {
  await using server = await serveRaw((socket) => socket.once("data", () => socket.destroy()));
  await using session = new ClientSession({ retry: { attempts: 3, ...quick } });
  await assert.rejects(session.get(server.url), ConnectionError);
  assert.equal(server.accepted, 3);
});

test("a budget keeps retries from multiplying the load", async () => {
  await using server = await serveStatuses(Array.from({ length: 100 }, () => 503));
  const budget = new RetryBudget({ capacity: 5 });
  await using session = new ClientSession({ retry: { attempts: 4, budget, ...quick } });
  for (let i = 0; i < 10; i += 1) await (await session.get(server.url)).text();
  assert.equal(server.seen.length, 15);
});

test("a kept connection that its peer has closed is replaced once, for idempotent requests only", async () => {
  let requests = 0;
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  // Each connection answers its first request and breaks at the second.
  await using server = await serveRaw((socket) => {
    let used = false;
    socket.on("data", () => {
      requests += 1;
      if (used) socket.destroy();
      else socket.write(answer);
      used = true;
    });
  });
  await using session = new ClientSession({ baseUrl: server.url });
  assert.equal(await (await session.get("/")).text(), "ok");
  assert.equal(await (await session.get("/")).text(), "ok");
  assert.equal(requests, 3);
  await assert.rejects(session.post("/", { body: "x" }), ConnectionError);
  assert.equal(requests, 4);
});

test("retry: false sends nothing twice, not even past a stale connection; a key makes a POST repeatable", async () => {
  let requests = 0;
  await using server = await serveRaw((socket) => {
    let used = false;
    socket.on("data", () => {
      requests += 1;
      if (used) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      used = true;
    });
  });
  const count = async (retry: RequestOptions["retry"], options: RequestOptions, method: string): Promise<number> => {
    await using session = new ClientSession({ baseUrl: server.url, ...(retry === undefined ? {} : { retry }) });
    await (await session.get("/")).text();
    requests = 0;
    await session.request(method, "/", options).catch((error: Error) => assert.ok(error instanceof ConnectionError));
    return requests;
  };
  assert.equal(await count(undefined, {}, "GET"), 2);
  assert.equal(await count(false, {}, "GET"), 1);
  assert.equal(await count({ attempts: 1, staleConnection: false }, {}, "GET"), 1);
  assert.equal(await count(undefined, { retry: false }, "GET"), 1);
  assert.equal(await count(undefined, { body: "x" }, "POST"), 1);
  assert.equal(await count(undefined, { body: "x", headers: { "Idempotency-Key": "7" } }, "POST"), 2);
});
