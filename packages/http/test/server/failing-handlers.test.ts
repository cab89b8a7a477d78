import assert from "node:assert/strict";
import { test } from "node:test";
import { HandlerTimeoutError, serve, testServer } from "@tsyncio/http";
import { sleep, sleepForever } from "tsyncio";
import { signal } from "../servers.ts";
import { exchange, RawClient, statusOf } from "./raw-client.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function collector(): { errors: string[]; onError: (error: unknown, request: Request | null) => void } {
  const errors: string[] = [];
  const onError = (error: unknown, request: Request | null): void => {
    errors.push(`${request === null ? "no request" : new URL(request.url).pathname}: ${(error as Error).message}`);
  };
  return { errors, onError };
}

/** A function whose promise nobody looks at, which the types of callbacks cannot rule out. */
const failsLater =
  (message: string): (() => void) =>
  () =>
    Promise.reject(new Error(message));

test("a handler that throws is answered for with 500, tells the client nothing, and its error is reported", async () => {
  const { errors, onError } = collector();
  await using server = await testServer(
    (request) => {
      const error = new Error("secret detail");
      if (request.url.endsWith("/async")) return Promise.reject(error);
      throw error;
    },
    { onError },
  );
  for (const path of ["/sync", "/async"]) {
    const response = await server.session.get(path);
    assert.equal(response.status, 500);
    assert.equal(await response.text(), "Internal Server Error");
  }
  assert.deepEqual(errors, ["/sync: secret detail", "/async: secret detail"]);
});

test("a handler that returns no response, or one that cannot be sent, is answered for with 500", async () => {
  const { errors, onError } = collector();
  const used = new Response("used");
  await used.text();
  const answers: Record<string, unknown> = {
    "/nothing": undefined,
    "/number": 7,
    "/used": used,
    "/length": new Response("x", { headers: { "content-length": "many" } }),
    "/stream": new Response(new ReadableStream({ start: (controller) => controller.error(new Error("no body")) })),
    "/late": new Response(
      new ReadableStream({ pull: async (controller) => controller.error(await Promise.resolve(new Error("late"))) }),
    ),
  };
  const paths = Object.keys(answers);
  await using server = await testServer((request) => answers[new URL(request.url).pathname] as Response, { onError });
  for (const path of paths) assert.equal((await server.session.get(path)).status, 500, path);
  assert.deepEqual(
    errors.map((error) => error.split(":")[0]),
    paths,
  );
  assert.match(errors[0] as string, /the handler returned undefined: expected a Response/);
});

test("an error after the first byte cuts the connection, so that nobody takes the answer for a whole one", async () => {
  const { errors, onError } = collector();
  await using server = await testServer(
    () => {
      const source = async function* (): AsyncGenerator<Uint8Array> {
        yield new TextEncoder().encode("first");
        await sleep(1);
        throw new Error("broke");
      };
      return new Response(ReadableStream.from(source()));
    },
    { onError },
  );
  const answer = await exchange(server.port, get);
  assert.match(answer, /first\r\n$/);
  assert.deepEqual(errors, ["/: broke"]);
  await assert.rejects((await server.session.get("/")).text());
});

test("a body that is not as long as the response says is cut, in both directions", async () => {
  const { errors, onError } = collector();
  await using server = await testServer(
    (request) => {
      const pieces = request.url.endsWith("/short") ? ["ab"] : ["abcd", "efghij"];
      const source = async function* (): AsyncGenerator<Uint8Array> {
        for (const piece of pieces) {
          yield new TextEncoder().encode(piece);
          await sleep(1);
        }
      };
      return new Response(ReadableStream.from(source()), { headers: { "content-length": "6" } });
    },
    { onError },
  );
  assert.match(await exchange(server.port, get.replace("/", "/short")), /\r\n\r\nab$/);
  assert.match(await exchange(server.port, get.replace("/", "/long")), /\r\n\r\nabcd$/);
  assert.deepEqual(errors, [
    "/short: the response's content-length is 6, but its body has 2 bytes",
    "/long: the response's content-length is 6, but its body has 10 or more bytes",
  ]);
});

test("a wrong length of a body that is known is put right", async () => {
  await using server = await testServer(() => new Response("12345", { headers: { "content-length": "3" } }));
  assert.match(
    await exchange(server.port, get.replace("1.1\r\n", "1.1\r\nConnection: close\r\n")),
    /content-length: 5\r\n/,
  );
});

test("a handler that takes longer than handlerTimeout is cancelled, and its client told 503", async () => {
  const { errors, onError } = collector();
  const ended = signal<unknown>();
  await using server = await testServer(
    async () => {
      try {
        return await sleepForever();
      } catch (error) {
        ended.give(error);
        throw error;
      }
    },
    { handlerTimeout: 20, onError },
  );
  assert.equal(statusOf(await exchange(server.port, get)), 503);
  assert.ok(((await ended.promise) as Error).cause instanceof HandlerTimeoutError);
  assert.deepEqual(errors, ["/: GET /: no answer within 20 ms"]);
});

test("handlerTimeout does not count the sending of the answer", async () => {
  await using server = await testServer(
    () => {
      const source = async function* (): AsyncGenerator<Uint8Array> {
        for (let index = 0; index < 3; index += 1) {
          await sleep(20);
          yield new TextEncoder().encode(String(index));
        }
      };
      return new Response(ReadableStream.from(source()));
    },
    { handlerTimeout: 30 },
  );
  assert.equal(await (await server.session.get("/")).text(), "012");
});

test("a handler that swallows its cancellation does not keep its client waiting, and what it returns is dropped", async () => {
  const release = signal();
  const returned = signal();
  await using server = await testServer(
    async () => {
      await sleepForever().catch(() => {});
      await release.promise;
      returned.give();
      return new Response("too late");
    },
    { handlerTimeout: 20, onError: () => {} },
  );
  const answer = await exchange(server.port, get);
  assert.equal(statusOf(answer), 503);
  assert.doesNotMatch(answer, /too late/);
  release.give();
  await returned.promise;
});

test("a server with a handler that never ends closes all the same, and says who does not end", async () => {
  const { errors, onError } = collector();
  const arrived = signal();
  const release = signal();
  const server = await serve(
    async () => {
      arrived.give();
      await release.promise;
      return new Response();
    },
    { port: 0, drain: 10, grace: 20, onError },
  );
  await using client = await RawClient.open(server.port);
  client.send(get.replace("/", "/stuck"));
  await arrived.promise;
  await server.close();
  await client.untilClosed();
  assert.deepEqual(errors, [
    "no request: the server has closed, but does not end: GET /stuck (cancellation swallowed?)",
  ]);
  release.give();
});

test("the failure of a child fails its request", async () => {
  const { errors, onError } = collector();
  let cancelled = false;
  await using server = await testServer(
    async (request, context) => {
      context.createTask(async () => {
        await sleep(1);
        throw new Error("child broke");
      });
      if (request.url.endsWith("/waits")) {
        await sleepForever().finally(() => {
          cancelled = true;
        });
      }
      return new Response("answered before");
    },
    { onError },
  );
  assert.equal((await server.session.get("/waits")).status, 500);
  assert.ok(cancelled);
  // An answer that is out stays; the error is reported.
  assert.equal(await (await server.session.get("/answers")).text(), "answered before");
  while (errors.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(errors, ["/waits: child broke", "/answers: child broke"]);
});

test("a background task that fails is reported, and harms nobody", async () => {
  const { errors, onError } = collector();
  await using server = await testServer(
    async (_, context) => {
      const task = context.background(() => {
        throw new Error("background broke");
      });
      assert.equal(await task, undefined);
      context.waitUntil(Promise.reject(new Error("promise broke")));
      return new Response("fine");
    },
    { onError },
  );
  assert.equal(await (await server.session.get("/")).text(), "fine");
  await server.close();
  assert.deepEqual(errors, ["no request: background broke", "no request: promise broke"]);
});

test("an onError that throws does no harm either", async (t) => {
  const printed = t.mock.method(console, "error", () => {});
  await using server = await testServer(
    () => {
      throw new Error("handler broke");
    },
    {
      onError: () => {
        throw new Error("onError broke");
      },
    },
  );
  assert.equal((await server.session.get("/")).status, 500);
  assert.equal(printed.mock.callCount(), 1);
});

test("a maxBodySize that throws, or gives no number, is answered for with 500 and reported", async () => {
  const { errors, onError } = collector();
  await using server = await testServer(async (request) => new Response(await request.text()), {
    onError,
    maxBodySize: (_, path) => (path === "/none" ? NaN : decodeURIComponent(path).length),
  });
  const post = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab`;
  await using client = await RawClient.open(server.port);
  for (const path of ["/%zz", "/none"]) {
    client.send(post(path));
    await client.until("Internal Server Error");
  }
  const waiting = post("/%zz").replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
  assert.equal(statusOf(await exchange(server.port, waiting)), 500);
  client.send(post("/long"));
  await client.until("\r\n\r\nab");
  assert.deepEqual(server.statistics().requests, 0);
  assert.deepEqual(errors, [
    "/%zz: URI malformed",
    "/none: serve: maxBodySize(): expected a whole number of at least 0, got NaN",
    "/%zz: URI malformed",
  ]);
});

test("a log that fails, at once or later, is reported, whether its request was handled or refused", async () => {
  for (const log of [
    () => {
      throw new Error("log broke");
    },
    failsLater("log broke"),
  ]) {
    const { errors, onError } = collector();
    await using server = await testServer(() => new Response("fine"), { onError, log });
    assert.equal(statusOf(await exchange(server.port, get.replace("\r\n\r\n", "\r\nHost: b\r\n\r\n"))), 400);
    assert.equal(await (await server.session.get("/handled")).text(), "fine");
    await server.close();
    assert.deepEqual(errors, ["no request: log broke", "/handled: log broke"]);
  }
});

test("an onError that fails later does no harm", async (t) => {
  const printed = t.mock.method(console, "error", () => {});
  await using server = await testServer(
    () => {
      throw new Error("handler broke");
    },
    { onError: failsLater("onError broke") },
  );
  assert.equal((await server.session.get("/")).status, 500);
  await server.close();
  assert.equal(printed.mock.callCount(), 1);
});

test("headers that would split the answer never leave the server", async () => {
  const { errors, onError } = collector();
  await using server = await testServer(
    (request) => {
      // A web Response refuses them itself; a look-alike does not.
      const value = new URL(request.url).searchParams.get("v") as string;
      if (request.url.includes("/own")) return new Response("x", { headers: { "x-a": value } });
      const fake = { status: 200, statusText: "OK", body: null, headers: new Map([["x-a", value]]) };
      return fake as unknown as Response;
    },
    { onError },
  );
  for (const path of ["/own", "/fake"]) {
    const answer = await exchange(
      server.port,
      `GET ${path}?v=a%0d%0ainjected:%201 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    assert.equal(statusOf(answer), 500);
    assert.doesNotMatch(answer, /injected/);
  }
  assert.equal(errors.length, 2);
});

test("the handler's own framing is not sent: no transfer encoding, no keep-alive, only close", async () => {
  await using server = await testServer(
    (request) =>
      new Response("x", {
        headers: {
          "transfer-encoding": "gzip, chunked",
          connection: request.url.endsWith("/close") ? "close" : "keep-alive, x-a",
          "keep-alive": "timeout=999",
        },
      }),
  );
  const closing = await exchange(server.port, get.replace("/", "/close"));
  assert.match(closing, /connection: close/);
  assert.doesNotMatch(closing, /transfer-encoding|999/i);
  await using client = await RawClient.open(server.port);
  client.send(get);
  assert.doesNotMatch(await client.until("\r\n\r\nx"), /x-a|999/);
});
