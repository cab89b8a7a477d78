import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientDisconnected, type RequestContext, testServer } from "@tsyncio/http";
import { isCancelled, shield, sleep, sleepForever, taskGroup } from "tsyncio";
import { RawClient } from "./raw-client.ts";
import { signal } from "../servers.ts";

/** What a handler's wait ended with, when its client left. */
async function endOf(
  text: string,
  handler: (request: Request, context: RequestContext, arrived: () => void) => Promise<unknown>,
  leave: (client: RawClient) => void | Promise<void> = (client) => void client.socket.destroy(),
): Promise<unknown> {
  const arrived = signal();
  const ended = signal<unknown>();
  await using server = await testServer(async (request, context) => {
    try {
      await handler(request, context, arrived.give);
      ended.give("returned");
    } catch (error) {
      ended.give(error);
      throw error;
    }
    return new Response("late");
  });
  await using client = await RawClient.open(server.port);
  client.send(text);
  await arrived.promise;
  await leave(client);
  return await ended.promise;
}

function assertLeft(error: unknown): void {
  assert.ok(isCancelled(error), String(error));
  assert.ok(error.reason instanceof ClientDisconnected);
  assert.equal(error.cause, error.reason);
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
const wait = async (_: Request, __: RequestContext, arrived: () => void): Promise<void> => {
  arrived();
  await sleepForever();
};

test("a GET whose client leaves is cancelled with ClientDisconnected", async () => {
  assertLeft(await endOf(get, wait));
});

test("a POST whose client leaves is cancelled, with the body unread", async () => {
  assertLeft(await endOf(post, wait));
});

test("a POST whose client leaves is cancelled, with the body read", async () => {
  const end = await endOf(post, async (request, _, arrived) => {
    assert.equal(await request.text(), "body");
    arrived();
    await sleepForever();
  });
  assertLeft(end);
});

test("a handler that waits for the rest of a body is cancelled when its client leaves", async () => {
  const end = await endOf(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\npart",
    async (request, _, arrived) => {
      const reader = (request.body as ReadableStream<Uint8Array>).getReader();
      assert.equal(Buffer.from((await reader.read()).value as Uint8Array).toString(), "part");
      arrived();
      await reader.read();
    },
  );
  const left = end instanceof ClientDisconnected || (isCancelled(end) && end.reason instanceof ClientDisconnected);
  assert.ok(left, String(end));
});

test("a client that resets the connection, or closes its sending side, has left", async () => {
  assertLeft(await endOf(get, wait, (client) => void client.socket.resetAndDestroy()));
  assertLeft(await endOf(get, wait, (client) => void client.socket.end()));
});

test("every request that a client has pipelined is cancelled when it leaves", async () => {
  const ends: unknown[] = [];
  const [both, done] = [signal(), signal()];
  let count = 0;
  await using server = await testServer(async () => {
    count += 1;
    if (count === 2) both.give();
    try {
      return await sleepForever();
    } catch (error) {
      ends.push(error);
      if (ends.length === 2) done.give();
      throw error;
    }
  });
  await using client = await RawClient.open(server.port);
  client.send(get + get);
  await both.promise;
  client.socket.destroy();
  await done.promise;
  for (const end of ends) assertLeft(end);
});

test("the request's signal aborts with ClientDisconnected, also when it is looked at only then", async () => {
  const aborted = signal<unknown>();
  await endOf(get, async (request, _, arrived) => {
    request.signal.addEventListener("abort", () => aborted.give(request.signal.reason));
    await wait(request, _, arrived);
  });
  assert.ok((await aborted.promise) instanceof ClientDisconnected);
  const late = await endOf(get, async (request, _, arrived) => {
    await wait(request, _, arrived).catch(() => {});
    throw request.signal.reason;
  });
  assert.ok(late instanceof ClientDisconnected);
});

test("a request that was answered is not cancelled, and its signal never aborts", async () => {
  const requests: Request[] = [];
  await using server = await testServer((request) => {
    requests.push(request);
    void request.signal;
    return new Response("done");
  });
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("done");
  client.socket.destroy();
  await server.close();
  assert.deepEqual(
    requests.map((request) => request.signal.aborted),
    [false],
  );
});

test("a client that leaves in the middle of the answer cancels the source of its body", async () => {
  const ended = signal<unknown>();
  await using server = await testServer(() => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield new TextEncoder().encode("first");
        await sleepForever();
      } catch (error) {
        ended.give(error);
        throw error;
      }
    };
    return new Response(ReadableStream.from(source()));
  });
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("first");
  client.socket.destroy();
  assertLeft(await ended.promise);
});

test("a source that knows nothing of tsyncio is cancelled too", async () => {
  const cancelled = signal<unknown>();
  await using server = await testServer(
    () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
          cancel: (reason) => cancelled.give(reason),
        }),
      ),
  );
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("first");
  client.socket.destroy();
  assertLeft(await cancelled.promise);
});

test("children in a group, and those of the context, are cancelled with the request", async () => {
  const ends: unknown[] = [];
  await endOf(get, async (_, context, arrived) => {
    const child = async (): Promise<void> => {
      try {
        await sleepForever();
      } catch (error) {
        ends.push(error);
        throw error;
      }
    };
    context.createTask(child);
    await taskGroup(async (group) => {
      group.createTask(child);
      await sleep(0);
      arrived();
    });
  });
  assert.equal(ends.length, 2);
  for (const end of ends) assertLeft(end);
});

test("what is shielded, and what runs in the background, is finished although the client has left", async () => {
  const steps: string[] = [];
  const left = signal();
  const backgroundDone = signal();
  await endOf(get, async (_, context, arrived) => {
    context.background(async () => {
      await left.promise;
      await sleep(0);
      steps.push("background");
      backgroundDone.give();
    });
    try {
      await wait(_, context, arrived);
    } finally {
      await shield(async () => {
        await sleep(0);
        steps.push("shielded");
      });
      left.give();
      await backgroundDone.promise;
    }
  });
  assert.deepEqual(steps, ["shielded", "background"]);
});

test("two hundred clients that leave stop the work of two hundred handlers", async () => {
  let working = 0;
  let steps = 0;
  const [all, none] = [signal(), signal()];
  await using server = await testServer(async () => {
    working += 1;
    if (working === 200) all.give();
    try {
      for (;;) {
        await sleep(1);
        steps += 1;
      }
    } finally {
      working -= 1;
      if (working === 0) none.give();
    }
  });
  const clients = await Promise.all(Array.from({ length: 200 }, () => RawClient.open(server.port)));
  for (const client of clients) client.send(get);
  await all.promise;
  for (const client of clients) client.socket.destroy();
  await none.promise;
  const stepsThen = steps;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(steps, stepsThen);
});
