import assert from "node:assert/strict";
import { test } from "node:test";
import { type RequestContext, serve, testServer, type WebSocketConnection } from "@tsyncio/http";
import { upgradeWebSocket } from "@tsyncio/http/hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { methodOverride } from "hono/method-override";
import { stream, streamSSE, streamText } from "hono/streaming";
import { timeout } from "hono/timeout";
import { signal } from "../servers.ts";
import { RawClient } from "./raw-client.ts";

type Env = { Bindings: RequestContext };

test("routing, parameters, queries, bodies, middleware, mounted apps and errors work unchanged", async () => {
  const app = new Hono<Env>();
  app.use("/api/*", cors({ origin: "*" }));
  app.get("/api/items/:id{[0-9]+}", (c) => c.json({ id: c.req.param("id"), q: c.req.query("q") }));
  app.post("/form", async (c) => c.text((await c.req.parseBody<{ a: string }>()).a));
  app.post("/json", async (c) => c.json(await c.req.json()));
  app.post("/limited", bodyLimit({ maxSize: 3 }), async (c) => c.text(await c.req.text()));
  app.use("/override", methodOverride({ app, header: "x-method" }));
  app.delete("/override", async (c) => c.text(`deleted ${await c.req.text()}`));
  app.get("/fail", () => {
    throw new HTTPException(418, { message: "teapot" });
  });
  app.get("/slow", timeout(20), () => new Promise<Response>(() => {}));
  app.get("/address", (c) => c.text(String(c.env.remoteAddress)));
  // oxlint-disable-next-line typescript/no-deprecated -- its successor comes with Hono 5
  app.mount("/mounted", (request: Request) => new Response(new URL(request.url).pathname));
  app.get("/later", (c) => {
    c.executionCtx.waitUntil(Promise.resolve());
    return c.text("later");
  });
  await using server = await testServer(app);
  const { session } = server;
  const text = async (path: string): Promise<string> => (await session.get(path)).text();
  const item = await session.get("/api/items/7?q=x");
  assert.equal(item.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await item.json(), { id: "7", q: "x" });
  assert.equal((await session.get("/api/items/x")).status, 404);
  assert.equal(await (await session.post("/form", { form: { a: "1" } })).text(), "1");
  assert.equal(await (await session.post("/json", { json: [1] })).text(), "[1]");
  async function* upload(text: string): AsyncGenerator<string> {
    for (const letter of text) yield letter;
  }
  assert.equal(await (await session.post("/limited", { body: upload("abc") })).text(), "abc");
  assert.equal((await session.post("/limited", { body: upload("abcd") })).status, 413);
  const overridden = await session.post("/override", { headers: { "x-method": "DELETE" }, body: "it" });
  assert.equal(await overridden.text(), "deleted it");
  assert.equal((await session.get("/fail")).status, 418);
  assert.equal((await session.get("/slow")).status, 504);
  assert.equal(await text("/address"), "127.0.0.1");
  assert.equal(await text("/mounted/path"), "/path");
  assert.equal(await text("/later"), "later");
  assert.equal((await session.head("/api/items/7")).status, 200);
});

test("a body beyond the server's limit is answered with 413 by Hono too", async () => {
  const app = new Hono().post("/", async (c) => c.text(await c.req.text()));
  await using server = await testServer(app, { maxBodySize: 10 });
  async function* upload(): AsyncGenerator<string> {
    yield "123456";
    yield "123456";
  }
  assert.equal((await server.session.post("/", { body: upload() })).status, 413);
});

test("its streams stream, and are aborted when the client leaves", async () => {
  const aborted = signal();
  const app = new Hono();
  app.get("/text", (c) =>
    streamText(c, async (out) => {
      await out.write("one ");
      await out.sleep(1);
      await out.write("two");
    }),
  );
  app.get("/events", (c) =>
    streamSSE(c, async (out) => {
      out.onAbort(() => aborted.give());
      await out.writeSSE({ data: "hello", event: "greeting", id: "1" });
      await new Promise(() => {});
    }),
  );
  app.get("/pipe", (c) => stream(c, (out) => out.pipe(new Response("piped").body as ReadableStream)));
  await using server = await testServer(app);
  assert.equal(await (await fetch(`${server.url}/text`)).text(), "one two");
  assert.equal(await (await fetch(`${server.url}/pipe`)).text(), "piped");
  await using client = await RawClient.open(server.port);
  client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.until("event: greeting\ndata: hello\nid: 1\n\n");
  client.socket.destroy();
  await aborted.promise;
});

test("its WebSocket helper works: open, messages in order, close, headers of middleware", async () => {
  const steps: string[] = [];
  const closed = signal();
  const app = new Hono<Env>();
  app.use("/ws", async (c, next) => {
    await next();
    c.header("x-middleware", "1");
  });
  app.get(
    "/ws",
    upgradeWebSocket(() => ({
      onOpen: (_, ws) => ws.send("welcome"),
      async onMessage(event: { readonly data: unknown }, ws) {
        await Promise.resolve();
        const { data } = event;
        ws.send(data instanceof ArrayBuffer ? data : `you said ${data as string}`);
      },
      onClose(event) {
        steps.push(`closed ${event.code} ${event.reason}`);
        closed.give();
      },
    })),
  );
  app.get("/ws", (c) => c.text("no upgrade"));
  await using server = await testServer(app);
  const socket: WebSocketConnection = await server.session.ws("/ws");
  assert.equal(await socket.receive(), "welcome");
  await socket.send("a");
  await socket.send("b");
  assert.equal(await socket.receive(), "you said a");
  assert.equal(await socket.receive(), "you said b");
  await socket.send(new Uint8Array([5]));
  assert.deepEqual([...((await socket.receive()) as Uint8Array)], [5]);
  await socket.close(4000, "bye");
  await closed.promise;
  assert.deepEqual(steps, ["closed 4000 bye"]);
  assert.equal(await (await server.session.get("/ws")).text(), "no upgrade");
});

test("a handler of its WebSocket helper that throws is told to onError, and closes with 1011", async () => {
  const told = signal<unknown>();
  const app = new Hono<Env>().get(
    "/",
    upgradeWebSocket(() => ({
      onMessage() {
        throw new Error("broke");
      },
      onError: (event) => told.give((event as Event & { error: Error }).error.message),
    })),
  );
  await using server = await testServer(app, { onError: () => {} });
  await using socket = await server.session.ws("/");
  await socket.send("x");
  assert.equal(await told.promise, "broke");
  await assert.rejects(socket.receive(), { closeCode: 1011 });
});

test("an app's fetch can be given too, and shuts down in order", async () => {
  const app = new Hono().get("/", (c) => c.text("fetched"));
  const server = await serve(app.fetch, { port: 0 });
  assert.equal(await (await fetch(server.url)).text(), "fetched");
  await server.close();
});
