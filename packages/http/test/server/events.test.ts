import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, testServer } from "@tsyncio/http";
import { isCancelled, sleep, sleepForever } from "tsyncio";
import { signal } from "../servers.ts";
import { RawClient } from "./raw-client.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

test("events are sent as the format wants them", async () => {
  await using server = await testServer((_, context) =>
    context.events([
      "plain",
      { data: "two\nlines\r\nand three", event: "kind", id: "7", retry: 1500 },
      { data: { json: [1] } },
    ]),
  );
  const response = await fetch(server.url);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(
    await response.text(),
    "data: plain\n\n" +
      "event: kind\nid: 7\nretry: 1500\ndata: two\ndata: lines\ndata: and three\n\n" +
      'data: {"json":[1]}\n\n',
  );
});

test("the session's own reader of events understands them", async () => {
  await using server = await testServer((_, context) => context.events([{ data: "x", event: "kind", id: "1" }]));
  for await (const event of server.session.events("/")) {
    assert.equal(event.data, "x");
    assert.equal(event.type, "kind");
    break;
  }
});

test("a comment is sent when there is no event for a while", async () => {
  await using server = await testServer((_, context) => {
    const source = async function* (): AsyncGenerator<string> {
      await sleepForever();
      yield "never";
    };
    return context.events(source(), { heartbeat: 10 });
  });
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until(":\n\n\r\n3\r\n:\n\n");
});

test("the source is cancelled when the client leaves", async () => {
  const ended = signal<unknown>();
  await using server = await testServer((_, context) => {
    const source = async function* (): AsyncGenerator<string> {
      try {
        yield "first";
        await sleepForever();
      } catch (error) {
        ended.give(error);
        throw error;
      }
    };
    return context.events(source());
  });
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("first");
  client.socket.destroy();
  assert.ok(isCancelled(await ended.promise));
});

test("at shutdown the stream ends in order, and the source is left although it waits", async () => {
  let left = false;
  const server = await serve(
    (_, context) => {
      const source = async function* (): AsyncGenerator<string> {
        try {
          yield "first";
          await sleepForever();
        } finally {
          left = true;
        }
      };
      return context.events(source());
    },
    { port: 0, hostname: "127.0.0.1", drain: "1h" },
  );
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("first");
  await server.close();
  assert.match(await client.untilClosed(), /first\n\n\r\n0\r\n\r\n$/);
  assert.ok(left);
});

test("a source that fails, or an event that would break the format, cuts the stream and is reported", async () => {
  const errors: string[] = [];
  await using server = await testServer(
    (request, context) => {
      const source = async function* (): AsyncGenerator<string | { data: string; id: string }> {
        yield "first";
        await sleep(1);
        if (request.url.endsWith("/fail")) throw new Error("source broke");
        yield { data: "x", id: "a\ndata: injected" };
      };
      return context.events(source());
    },
    { onError: (error) => errors.push((error as Error).message) },
  );
  for (const path of ["/fail", "/inject"]) await assert.rejects((await fetch(server.url + path)).text());
  assert.equal(errors[0], "source broke");
  assert.match(errors[1] as string, /^events: id holds a line break/);
});
