import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession } from "@tsyncio/http";
import { createTask, isCancelled, sleepForever } from "tsyncio";
import { signal } from "../servers.ts";

test("a session is bound to a handler: no sockets, everything else as usual", async () => {
  await using session = new ClientSession({
    handler: async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/login") {
        return new Response(null, {
          status: 303,
          headers: [
            ["location", "/echo"],
            ["set-cookie", "id=7"],
            ["set-cookie", "b=1"],
          ],
        });
      }
      if (url.pathname === "/busy") return new Response("later", { status: 503 });
      return Response.json({
        method: request.method,
        url: request.url,
        cookie: request.headers.get("cookie"),
        body: await request.text(),
      });
    },
    retry: { attempts: 2, base: 1 },
  });
  const read = async (method: string, path: string, options = {}) =>
    (await session.request(method, path, options)).json<Record<string, string>>();
  assert.equal((await read("GET", "/echo?q=1"))["url"], "http://localhost/echo?q=1");
  assert.equal((await read("POST", "/login", { form: { a: 1 } }))["cookie"], "id=7; b=1");
  assert.equal((await read("PUT", "/echo", { body: "text" }))["body"], "text");
  assert.equal(
    (
      await read("PUT", "/echo", {
        body: (async function* () {
          yield "str";
          yield Buffer.from("eam");
        })(),
      })
    )["body"],
    "stream",
  );
  const form = new FormData();
  form.set("k", "v");
  assert.match((await read("PUT", "/echo", { form }))["body"] ?? "", /name="k"\r\n\r\nv\r\n/);
  assert.equal((await session.get("/busy")).status, 503);
  assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
});

test("a streamed answer comes as it is made, no faster than it is read, and is cancelled when it is left", async () => {
  let made = 0;
  const cancelled = signal<unknown>();
  const session = new ClientSession({
    handler: () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            made += 1;
            controller.enqueue(new Uint8Array(16 * 1024));
          },
          cancel: (reason) => cancelled.give(reason),
        }),
      ),
  });
  const response = await session.get("/");
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(made < 20, `${made} chunks were made for a reader that does not read`);
  for await (const chunk of response.body) {
    assert.equal(chunk.length, 16 * 1024);
    if (made > 30) break;
  }
  await cancelled.promise;
  await session.close();
});

test("a cancelled request cancels its handler and aborts its signal", async () => {
  const entered = signal<Request>();
  const ends: unknown[] = [];
  await using session = new ClientSession({
    handler: async (request) => {
      entered.give(request);
      try {
        return await sleepForever();
      } catch (error) {
        ends.push(error);
        throw error;
      }
    },
  });
  const task = createTask(() => session.get("/"));
  const request = await entered.promise;
  await task.cancelAndWait();
  assert.ok(task.cancelled());
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isCancelled(ends[0]));
  assert.equal(request.signal.aborted, true);
});

test("what a handler throws is what the request fails with; what is no Response is refused", async () => {
  const failure = new Error("a bug");
  await using session = new ClientSession({
    handler: (request) => {
      if (request.url.endsWith("/throw")) throw failure;
      return "text" as never;
    },
  });
  await assert.rejects(session.get("/throw"), (error) => error === failure);
  await assert.rejects(session.get("/wrong"), /handler: expected a Response to be returned, got "text"/);
  assert.throws(() => new ClientSession({ handler: {} as never }), /expected a function \(request\) => Response/);
  assert.throws(
    () => new ClientSession({ handler: () => new Response(), proxy: "http://x" }),
    /proxy would have no effect/,
  );
});
