import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as nodeRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ClientSession, type RequestLogEntry, serve, testServer } from "@tsyncio/http";
import { currentTask, isCancelled, run, sleepForever, taskGroup, timeout } from "tsyncio";
import { exchange, RawClient, statusOf } from "./raw-client.ts";

test("a handler answers with a web response, and sees the request as it was sent", async () => {
  await using server = await testServer(async (request) =>
    Response.json(
      {
        method: request.method,
        url: request.url,
        header: request.headers.get("x-a"),
        body: await request.text(),
      },
      { status: 201, statusText: "Made", headers: { "x-b": "2" } },
    ),
  );
  const response = await server.session.post("/path?q=1", { headers: { "x-a": "1" }, body: "text" });
  assert.equal(response.status, 201);
  assert.equal(response.statusText, "Made");
  assert.equal(response.headers.get("x-b"), "2");
  const seen = { method: "POST", url: `${server.url}/path?q=1`, header: "1", body: "text" };
  assert.deepEqual(await response.json(), seen);
});

test("an object with fetch is a handler, and keeps its this", async () => {
  const app = {
    greeting: "hi",
    fetch() {
      return new Response(this.greeting);
    },
  };
  await using server = await testServer(app);
  assert.equal(await (await server.session.get("/")).text(), "hi");
});

test("the request is the platform's own: it can be copied, cloned, and passed to fetch", async () => {
  await using target = await testServer(
    async (request) => new Response(`${request.headers.get("x")} ${await request.text()}`),
  );
  await using server = await testServer(async (request) => {
    assert.ok(request instanceof Request);
    assert.equal(Object.getPrototypeOf(Object.getPrototypeOf(request)), Request.prototype);
    if (request.method === "GET") return fetch(new Request(target.url, new Request(request)));
    const copy = new Request(request.clone(), { headers: { x: "copied" } });
    const answer = await fetch(new Request(target.url, copy));
    return new Response(`${await answer.text()} ${await request.text()}`);
  });
  assert.equal(await (await server.session.get("/", { headers: { x: "1" } })).text(), "1 ");
  assert.equal(await (await server.session.post("/", { body: "b" })).text(), "copied b b");
});

test("cookies, repeated headers and every method come through", async () => {
  await using server = await testServer((request) => {
    const headers = new Headers({ "x-method": request.method });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response(request.headers.get("x-many"), { headers });
  });
  const answer = await exchange(
    server.port,
    "PROPFIND / HTTP/1.1\r\nHost: a\r\nX-Many: 1\r\nX-Many: 2\r\nConnection: close\r\n\r\n",
  );
  assert.match(answer, /set-cookie: a=1\r\nset-cookie: b=2\r\n/);
  assert.match(answer, /x-method: PROPFIND/);
  assert.match(answer, /\r\n\r\n1, 2$/);
});

test("a request's target may be a whole URL or an asterisk, and HTTP/1.0 needs no host", async () => {
  await using server = await testServer((request) => new Response(request.url));
  const urlFor = async (line: string): Promise<string> =>
    (await exchange(server.port, `${line}\r\nConnection: close\r\n\r\n`)).split("\r\n\r\n")[1] as string;
  assert.equal(await urlFor("GET http://other.example/x?y HTTP/1.1\r\nHost: a"), "http://other.example/x?y");
  assert.equal(await urlFor("OPTIONS * HTTP/1.1\r\nHost: a"), "http://a/*");
  assert.equal(await urlFor("GET //double/x HTTP/1.1\r\nHost: a"), "http://a//double/x");
  assert.equal(await urlFor("GET /x HTTP/1.0"), "http://localhost/x");
});

test("handlers run in tasks of the server's, in the context of neither the opener nor the client", async () => {
  const user = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  await run(async () => {
    let opener: unknown;
    const server = await user.run("opener", () =>
      timeout("1h", () =>
        taskGroup(async (group) => {
          const task = group.createTask(async () => {
            opener = currentTask();
            return testServer(() => {
              seen.push(user.getStore(), currentTask()?.name, currentTask() === opener);
              return new Response();
            });
          });
          return await task;
        }),
      ),
    );
    await user.run("client", () => server.session.get("/path?secret"));
    await server.close();
  });
  assert.deepEqual(seen, [undefined, "GET /path", false]);
});

test("a server outlives a cancelled opener, and ends with its run", async () => {
  let server: Awaited<ReturnType<typeof testServer>> | undefined;
  let handlerEnd: unknown;
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  await run(async () => {
    await assert.rejects(
      timeout(20, async () => {
        server = await testServer(async (request) => {
          if (request.url.endsWith("/quick")) return new Response("quick");
          arrive();
          try {
            return await sleepForever();
          } catch (error) {
            handlerEnd = error;
            throw error;
          }
        });
        await sleepForever();
      }),
      { name: "TimeoutError" },
    );
    assert.equal(await (await fetch(`${server?.url}/quick`)).text(), "quick");
    fetch(`${server?.url}/slow`).catch(() => {});
    await arrived;
  });
  assert.ok(isCancelled(handlerEnd));
  await server?.closed;
  await assert.rejects(fetch(`${server?.url}/quick`));
  await server?.session.close();
});

test("a port that is taken, a wrong address and wrong options are explained", async () => {
  await using server = await testServer(() => new Response());
  const taken = serve(() => new Response(), { hostname: "127.0.0.1", port: server.port });
  await assert.rejects(taken, {
    code: "EADDRINUSE",
    message: `serve: cannot listen on 127.0.0.1:${server.port}: somebody listens there already`,
  });
  const wrong = async (handler: unknown, options?: object): Promise<string> =>
    serve(handler as () => Response, options).then(String, (error: Error) => error.message);
  assert.equal(await wrong(7), "serve: expected a function (request) => Response, or an app with fetch, got 7");
  const handler = (): Response => new Response();
  assert.match(await wrong(handler, { prot: 1 }), /^serve: unknown option "prot"; known are port, hostname/);
  assert.match(await wrong(handler, { port: 70_000 }), /whole number from 0 to 65535, got 70000/);
  assert.match(await wrong(handler, { port: 1, path: "/x" }), /either path or port/);
  assert.match(await wrong(handler, { drain: "soon" }), /drain/);
  assert.match(await wrong(handler, { maxBodySize: -1 }), /maxBodySize: expected a whole number/);
  assert.match(await wrong(handler, { log: "yes" }), /log: expected a function, got "yes"/);
});

test("a Unix socket is served, and one that a dead process left behind is replaced", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tsyncio-serve-"));
  const path = join(folder, "socket");
  try {
    // Closed by the exit of a process, a socket stays in the file system.
    const { execFileSync } = await import("node:child_process");
    const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.exit())`;
    execFileSync(process.execPath, ["-e", script]);
    await using server = await serve((_, context) => new Response(`from ${context.remoteAddress}`), { path });
    assert.equal(server.url, `unix:${path}`);
    assert.equal(server.port, 0);
    const text = await new Promise((resolve, reject) => {
      nodeRequest({ socketPath: path, agent: false }, (response) => response.setEncoding("utf8").on("data", resolve))
        .on("error", reject)
        .end();
    });
    assert.equal(text, "from undefined");
    await assert.rejects(
      serve(() => new Response(), { path }),
      { code: "EADDRINUSE" },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the client's address, and Node's own objects, are in the context", async () => {
  await using server = await testServer((_, context) => {
    context.outgoing.setHeader("x-node", context.incoming.httpVersion);
    return new Response(context.remoteAddress);
  });
  const response = await server.session.get("/");
  assert.equal(response.headers.get("x-node"), "1.1");
  assert.equal(await response.text(), "127.0.0.1");
});

test("the log has an entry for each request when it is over, and no secrets", async () => {
  const entries: RequestLogEntry[] = [];
  const onError = (): void => {};
  await using server = await testServer(
    (request) => {
      if (request.url.includes("fail")) throw new Error("broken");
      return new Response("x", { status: 202 });
    },
    { log: (entry) => entries.push(entry), onError },
  );
  await (await server.session.get("/a?token=secret")).text();
  await (await server.session.post("/fail")).text();
  await server.close();
  assert.deepEqual(
    entries.map(({ method, path, status, client, error }) => ({ method, path, status, client, error })),
    [
      { method: "GET", path: "/a", status: 202, client: "127.0.0.1", error: undefined },
      { method: "POST", path: "/fail", status: 500, client: "127.0.0.1", error: "Error: broken" },
    ],
  );
  for (const { time, duration } of entries) {
    assert.equal(new Date(time).toISOString(), time);
    assert.ok(duration >= 0);
  }
});

test("no global is touched", async () => {
  const { execFileSync } = await import("node:child_process");
  const script = `
    const before = new Map(Reflect.ownKeys(globalThis).map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key)]));
    const protos = [Request, Response, Headers, ReadableStream, AbortSignal].map((c) => [c, JSON.stringify(Reflect.ownKeys(c.prototype).map(String))]);
    const { testServer } = await import("@tsyncio/http");
    await import("@tsyncio/http/hono");
    const server = await testServer(async (request) => new Response(await request.text()));
    await (await server.session.post("/", { body: "x" })).text();
    await server.close();
    for (const key of Reflect.ownKeys(globalThis)) {
      const now = Object.getOwnPropertyDescriptor(globalThis, key);
      const old = before.get(key);
      if (typeof key === "symbol" && Symbol.keyFor(key)?.startsWith("tsyncio.")) continue;
      if (old === undefined || (!Object.is(old.value, now.value) && old.get === undefined)) console.log("changed:", String(key));
    }
    for (const [c, keys] of protos) if (JSON.stringify(Reflect.ownKeys(c.prototype).map(String)) !== keys) console.log("changed:", c.name);
    console.log("compared", before.size > 50);
  `;
  const arguments_ = ["--conditions=@tsyncio/source", "--input-type=module", "-e", script];
  const output = execFileSync(process.execPath, arguments_, { cwd: import.meta.dirname, encoding: "utf8" });
  // The platform's own classes are made when they are first looked at, by whoever does.
  const changed = output.split("\n").filter((line) => !/^changed: Symbol\((undici|nodejs)\./.test(line));
  assert.deepEqual(changed, ["compared true", ""]);
});

test("sessions and servers find each other in one process, whatever the handler's kind", async () => {
  await using upstream = await testServer(() => new Response("upstream"));
  await using session = new ClientSession();
  await using server = await testServer(async () => session.fetch(upstream.url));
  assert.equal(await (await server.session.get("/")).text(), "upstream");
});

test("reusePort lets two servers share a port", { skip: process.platform !== "linux" && "needs Linux" }, async () => {
  await using first = await testServer(() => new Response("1"), { reusePort: true });
  await using second = await testServer(() => new Response("2"), { reusePort: true, port: first.port });
  assert.equal(second.port, first.port);
});

test("a request that is pipelined behind another one is answered in order", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await using server = await testServer(async (request) => {
    if (request.url.endsWith("/1")) await gate;
    else open();
    return new Response(`answer ${new URL(request.url).pathname}`);
  });
  await using client = await RawClient.open(server.port);
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const answer = await client.untilClosed();
  assert.equal(statusOf(answer), 200);
  assert.ok(answer.indexOf("answer /1") < answer.indexOf("answer /2"));
});

test("the platform's own server is not in the way: one can stand beside it", async () => {
  const plain = createServer((_, response) => response.end("plain")).listen(0, "127.0.0.1");
  await using server = await testServer(() => new Response("ours"));
  const { port } = plain.address() as { port: number };
  assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), "plain");
  assert.equal(await (await fetch(server.url)).text(), "ours");
  plain.closeAllConnections();
  plain.close();
});
