import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, HttpStatusError, type Middleware, SessionClosedError, TotalTimeoutError } from "@tsyncio/http";
import { createTask, sleepForever } from "tsyncio";
import { type Echo, echo, serveHttp, signal } from "../servers.ts";

function serveEcho() {
  return serveHttp((request, response) => {
    response.statusCode = request.headers["authorization"] === "Bearer stale" ? 401 : 200;
    void echo(request).then((text) => response.end(text));
  });
}

test("middleware runs around a request, the first one outermost, and may change all of it", async () => {
  await using server = await serveEcho();
  const steps: string[] = [];
  const noted =
    (name: string): Middleware =>
    async (request, next) => {
      steps.push(`${name} ${request.method} ${request.url.pathname}`);
      request.headers.set(`x-${name}`, "1");
      const response = await next(request);
      steps.push(`${name} ${response.status}`);
      return response;
    };
  const changing: Middleware = (request, next) => {
    request.method = "put";
    request.url.pathname = "/changed";
    request.body = `${request.body as string}!`;
    return next(request);
  };
  await using session = new ClientSession({
    baseUrl: server.url,
    headers: { "x-session": "1" },
    middleware: [noted("outer"), changing, noted("inner")],
  });
  const seen = await (await session.post("/first", { json: { a: 1 }, query: { q: 1 } })).json<Echo>();
  assert.deepEqual(steps, ["outer POST /first", "inner put /changed", "inner 200", "outer 200"]);
  assert.equal(seen.method, "PUT");
  assert.equal(seen.url, "/changed?q=1");
  assert.equal(seen.body, '{"a":1}!');
  assert.equal(seen.headers["content-type"], "application/json");
  for (const name of ["x-session", "x-outer", "x-inner"]) assert.equal(seen.headers[name], "1");
});

test("middleware may send a request again, not at all, or answer with a Response of its own", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({
    baseUrl: server.url,
    raiseForStatus: true,
    headers: { authorization: "Bearer stale" },
    middleware: async (request, next) => {
      if (request.url.pathname === "/cached") return new Response("from the cache", { headers: { "x-cache": "hit" } });
      if (request.url.pathname === "/gone") return new Response("gone", { status: 410 });
      const first = await next(request);
      if (first.status !== 401) return first;
      await first.close();
      request.headers.set("authorization", "Bearer fresh");
      return next(request);
    },
  });
  const again = await (await session.post("/", { body: "once more" })).json<Echo>();
  assert.equal(again.headers["authorization"], "Bearer fresh");
  assert.equal(again.body, "once more");
  const cached = await session.get("/cached");
  assert.equal(cached.headers.get("x-cache"), "hit");
  assert.equal(cached.url, `${server.url}/cached`);
  assert.equal(await cached.text(), "from the cache");
  await assert.rejects(
    session.get("/gone"),
    (error: HttpStatusError) => error.status === 410 && error.text() === "gone",
  );
});

test("a stream that middleware sends twice is an error, not an empty upload", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({
    baseUrl: server.url,
    middleware: async (request, next) => {
      await (await next(request)).close();
      return next(request);
    },
  });
  async function* stream(): AsyncGenerator<string> {
    yield "once";
  }
  await assert.rejects(session.post("/", { body: stream() }), /a stream can be sent only once/);
  assert.equal((await (await session.post("/", { body: () => stream() })).json<Echo>()).body, "once");
});

test("middleware is cancelled with the call, by its total timeout and by closing the session", async () => {
  const entered = signal();
  const ended: string[] = [];
  const make = (): ClientSession =>
    new ClientSession({
      middleware: async () => {
        try {
          entered.give();
          return await sleepForever();
        } finally {
          ended.push("ended");
        }
      },
    });
  await using session = make();
  const task = createTask(() => session.get("http://x.test/"));
  await entered.promise;
  await task.cancelAndWait();
  assert.ok(task.cancelled());
  await assert.rejects(session.get("http://x.test/", { timeout: 10 }), TotalTimeoutError);
  const last = session.get("http://x.test/");
  const rejected = assert.rejects(last, SessionClosedError);
  await session.close();
  await rejected;
  assert.deepEqual(ended, ["ended", "ended", "ended"]);
});

test("what middleware throws is thrown, and a wrong answer or no function says what was expected", async () => {
  const failure = new Error("no");
  const fails = new ClientSession({ middleware: () => Promise.reject(failure) });
  await assert.rejects(fails.get("http://x.test/"), (error) => error === failure);
  const nothing = new ClientSession({ middleware: () => undefined as never });
  await assert.rejects(nothing.get("http://x.test/"), /expected a response to be returned, got undefined/);
  assert.throws(() => new ClientSession({ middleware: [1 as never] }), /expected functions \(request, next\), got 1/);
});
