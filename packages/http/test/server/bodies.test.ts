import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestTooLargeError, testServer } from "@tsyncio/http";
import { sleepForever } from "tsyncio";
import { signal } from "../servers.ts";
import { exchange, RawClient, statusOf } from "./raw-client.ts";

const kib = new Uint8Array(1024).fill(120);

test("an upload is read as it comes, piece by piece", async () => {
  const seen = [signal<string>(), signal<string>()] as const;
  await using server = await testServer(async (request) => {
    let index = 0;
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      seen[index as 0 | 1]?.give(Buffer.from(chunk).toString());
      index += 1;
    }
    return new Response("all");
  });
  await using client = await RawClient.open(server.port);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  assert.equal(await seen[0].promise, "one");
  client.send("3\r\ntwo\r\n0\r\n\r\n");
  assert.equal(await seen[1].promise, "two");
  await client.until("all");
});

test("every way to read a body works", async () => {
  await using server = await testServer(async (request) => {
    switch (new URL(request.url).pathname) {
      case "/json":
        return Response.json(await request.json());
      case "/form":
        // oxlint-disable-next-line typescript/no-deprecated -- it is there, so it works
        return new Response((await request.formData()).get("field") as string);
      case "/bytes":
        return new Response(await request.bytes());
      case "/blob":
        return new Response(await request.blob());
      default:
        return new Response(request.body);
    }
  });
  const post = async (path: string, body: string | FormData | Uint8Array<ArrayBuffer>): Promise<string> =>
    (await fetch(server.url + path, { method: "POST", body })).text();
  assert.equal(await post("/json", '{"a":1}'), '{"a":1}');
  const form = new FormData();
  form.set("field", "value");
  assert.equal(await post("/form", form), "value");
  assert.equal(await post("/bytes", "bytes"), "bytes");
  assert.equal(await post("/blob", "blob"), "blob");
  assert.equal((await post("/echo", new Uint8Array(500_000).fill(97))).length, 500_000);
});

test("a body that announces more than the limit is refused with 413 before the handler runs", async () => {
  let handled = 0;
  await using server = await testServer(
    () => {
      handled += 1;
      return new Response("handled");
    },
    { maxBodySize: 1000 },
  );
  const response = await server.session.post("/", { body: new Uint8Array(1001) });
  assert.equal(response.status, 413);
  assert.equal(await response.text(), "Content Too Large");
  assert.equal((await server.session.post("/", { body: new Uint8Array(1000) })).status, 200);
  assert.equal(handled, 1);
  // The connection is usable: the rest was dropped.
  const waiting = await exchange(
    server.port,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
  );
  assert.equal(statusOf(waiting), 413);
  assert.doesNotMatch(waiting, /100 Continue/);
});

test("a limit by path goes by the path that the handler sees, however the client spells it", async () => {
  const asked: string[] = [];
  const handled: string[] = [];
  await using server = await testServer(
    (request) => {
      handled.push(new URL(request.url).pathname);
      return new Response();
    },
    {
      maxBodySize: (_, path) => {
        asked.push(path);
        return path.startsWith("/upload/") ? Infinity : 10;
      },
    },
  );
  const post = async (target: string): Promise<number> => {
    const head = `POST ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n`;
    return statusOf(await exchange(server.port, head + "x".repeat(1000)));
  };
  for (const target of [
    "/api",
    "/upload/../api",
    "/upload/%2e%2e/api?x=/upload/",
    "http://x/api",
    "/upload\\..\\api",
  ]) {
    assert.equal(await post(target), 413, target);
  }
  for (const target of ["/upload/a", "http://x/upload/a?b", "/x/../upload/a", "/./upload/a#b"]) {
    assert.equal(await post(target), 200, target);
  }
  assert.equal(await post("http://[::1/upload/a"), 400);
  assert.deepEqual(asked, [...Array<string>(5).fill("/api"), ...handled]);
  assert.deepEqual(handled, Array(4).fill("/upload/a"));
});

test("a body in chunks is cut off at the limit: reading throws, and unless that is caught the answer is 413", async () => {
  const errors: unknown[] = [];
  await using server = await testServer(
    async (request) => {
      try {
        return new Response(String((await request.bytes()).length));
      } catch (error) {
        errors.push(error);
        if (request.url.endsWith("/caught")) return new Response("caught", { status: 400 });
        throw error;
      }
    },
    { maxBodySize: 2500, onError: (error) => errors.push("reported", error) },
  );
  async function* upload(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < 3; index += 1) yield kib;
  }
  assert.equal((await server.session.post("/", { body: upload() })).status, 413);
  assert.equal((await server.session.post("/caught", { body: upload() })).status, 400);
  assert.equal(errors.length, 2);
  for (const error of errors) assert.ok(error instanceof RequestTooLargeError && error.limit === 2500);
});

test("the limit can be decided by method and path, and the default is a mebibyte", async () => {
  const handler = async (request: Request): Promise<Response> => new Response(String((await request.bytes()).length));
  await using server = await testServer(handler, {
    maxBodySize: (method, path) => (method === "PUT" && path === "/large" ? Infinity : 10),
  });
  assert.equal((await server.session.put("/large?x", { body: kib })).status, 200);
  assert.equal((await server.session.post("/large", { body: kib })).status, 413);
  await using plain = await testServer(handler);
  assert.equal((await plain.session.post("/", { body: new Uint8Array(1024 * 1024) })).status, 200);
  assert.equal((await plain.session.post("/", { body: new Uint8Array(1024 * 1024 + 1) })).status, 413);
});

test("a client that waits for it is told to continue", async () => {
  await using server = await testServer(async (request) => new Response(await request.text()));
  await using client = await RawClient.open(server.port);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  await client.until("100 Continue");
  client.send("ok");
  await client.until("\r\n\r\nok");
});

test("what a handler leaves unread is dropped, and the connection serves the next request", async () => {
  await using server = await testServer(() => new Response("unread"));
  await using client = await RawClient.open(server.port);
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${"x".repeat(300_000)}`);
  await client.until("unread");
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const answers = await client.untilClosed();
  assert.equal(answers.split("unread").length, 3);
});

test("a client that goes on sending what nobody reads is cut off", async () => {
  await using server = await testServer(() => new Response("unread"));
  await using client = await RawClient.open(server.port);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
  await client.until("unread");
  await client.untilClosed();
});

test("a short answer has a length, an endless one is sent as it comes, and its head at once", async () => {
  const more = signal();
  await using server = await testServer((request) => {
    if (request.url.endsWith("/short")) return new Response("short");
    const source = async function* (): AsyncGenerator<Uint8Array> {
      await more.promise;
      yield new TextEncoder().encode("later");
    };
    return new Response(ReadableStream.from(source()));
  });
  const short = await exchange(server.port, "GET /short HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(short, /content-length: 5\r\n/);
  assert.doesNotMatch(short, /transfer-encoding/i);
  await using client = await RawClient.open(server.port);
  client.send("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(await client.until("\r\n\r\n"), /transfer-encoding: chunked/i);
  more.give();
  assert.match(await client.untilClosed(), /5\r\nlater\r\n0\r\n\r\n$/);
});

test("a client that does not read holds the source of the answer back", async () => {
  let pulled = 0;
  const stalled = signal();
  await using server = await testServer(
    () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled += 1;
            if (pulled > 64 * 1024) throw new Error("nobody holds the source back");
            controller.enqueue(kib);
          },
        }),
      ),
  );
  await using client = await RawClient.open(server.port);
  client.socket.pause();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  let before = -1;
  const poll = setInterval(() => {
    if (pulled > 0 && pulled === before) stalled.give();
    before = pulled;
  }, 30);
  await stalled.promise;
  clearInterval(poll);
  // The buffers of the system on loopback hold a few mebibytes.
  assert.ok(pulled < 16 * 1024, `${pulled} KiB pulled`);
});

test("a client that reads nothing for sendTimeout is cut off, and its handler cancelled", async () => {
  const ended = signal<unknown>();
  await using server = await testServer(
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(kib),
          cancel: (reason) => ended.give(reason),
        }),
      ),
    { sendTimeout: 50 },
  );
  await using client = await RawClient.open(server.port);
  client.socket.pause();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await ended.promise;
});

test("HEAD, 204 and 304 send no body, and cancel it", async () => {
  let cancelled = 0;
  await using server = await testServer((request) => {
    const body = new ReadableStream({ cancel: () => void (cancelled += 1) });
    const { pathname } = new URL(request.url);
    if (pathname === "/204") return new Response(null, { status: 204, headers: { "x-a": "1" } });
    if (pathname === "/304")
      return new Response(null, { status: 304, headers: { etag: '"x"', "content-length": "7" } });
    return new Response(body, { headers: { "content-length": "1234" } });
  });
  const ask = (method: string, path: string): Promise<string> =>
    exchange(server.port, `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  assert.match(await ask("HEAD", "/"), /content-length: 1234\r\n(.+\r\n)*\r\n$/);
  assert.equal(cancelled, 1);
  const none = await ask("GET", "/204");
  assert.match(none, /^HTTP\/1.1 204 No Content\r\n/);
  assert.doesNotMatch(none, /content-length|transfer-encoding/i);
  assert.match(await ask("GET", "/304"), /content-length: 7\r\n(.+\r\n)*\r\n$/);
});

test("a large answer is sent whole, and its task goes on until the client has it", async () => {
  const large = new Uint8Array(20_000_000).fill(65);
  await using server = await testServer(() => new Response(large));
  await using client = await RawClient.open(server.port);
  client.socket.pause();
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  while (server.statistics().requests === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.statistics().requests, 1);
  client.socket.resume();
  const answer = await client.untilClosed();
  assert.equal(answer.length - answer.indexOf("\r\n\r\n") - 4, large.length);
  assert.equal(server.statistics().requests, 0);
});

test("clients that do not read cost no memory beyond their buffers", async () => {
  let pulled = 0;
  const chunk = 16 * 1024;
  await using server = await testServer(
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            pulled += 1;
            controller.enqueue(new Uint8Array(chunk));
          },
        }),
      ),
  );
  const clients = await Promise.all(Array.from({ length: 30 }, () => RawClient.open(server.port)));
  for (const client of clients) {
    client.socket.pause();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (let before = -1; pulled !== before || server.statistics().requests < clients.length;) {
    before = pulled;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // The buffers of the system on loopback hold a few mebibytes of each; an endless source would go on.
  assert.ok(pulled * chunk < clients.length * 16 * 1024 * 1024, `${pulled} chunks`);
  for (const client of clients) client.socket.destroy();
});

test("a handler that is cancelled while it reads a body stops reading", async () => {
  const ended = signal<unknown>();
  await using server = await testServer(
    async (request) => {
      await request.text().catch((error: unknown) => {
        ended.give(error);
        throw error;
      });
      return sleepForever();
    },
    { handlerTimeout: 20, onError: () => {} },
  );
  await using client = await RawClient.open(server.port);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\npart");
  assert.match(await client.until("Service Unavailable"), /^HTTP\/1.1 503/);
  assert.equal(((await ended.promise) as Error).name, "CancelledError");
});
