import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve, ServerShutdown, testServer } from "@tsyncio/http";
import { isCancelled, run, sleepForever } from "tsyncio";
import { signal } from "../servers.ts";
import { exchange, RawClient, statusOf } from "./raw-client.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

test("closing lets requests that run finish, closes their connections, and takes no new ones", async () => {
  const arrived = signal();
  const finish = signal();
  const server = await serve(
    async () => {
      arrived.give();
      await finish.promise;
      return new Response("finished");
    },
    { port: 0, hostname: "127.0.0.1" },
  );
  await using client = await RawClient.open(server.port);
  client.send(get);
  await arrived.promise;
  const closing = server.close();
  await server.shuttingDown.wait();
  await assert.rejects(fetch(server.url));
  finish.give();
  const answer = await client.untilClosed();
  assert.match(answer, /connection: close[^]*finished$/i);
  await closing;
  await server.closed;
  assert.deepEqual(server.statistics(), { connections: 0, requests: 0 });
});

test("a request that comes on an idle connection while the server closes is answered, not lost", async () => {
  await using server = await serve(() => new Response("answered"), { port: 0, hostname: "127.0.0.1" });
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("answered");
  const closing = server.close();
  await server.shuttingDown.wait();
  client.send(get);
  const answers = await client.untilClosed();
  assert.equal(answers.split("answered").length, 3);
  assert.match(answers.slice(answers.lastIndexOf("HTTP/1.1")), /connection: close/i);
  await closing;
});

test("an idle connection, and one on which half a head has come, do not hold the end up", async () => {
  const server = await serve(() => new Response("answered"), { port: 0, hostname: "127.0.0.1" });
  await using idle = await RawClient.open(server.port);
  idle.send(get);
  await idle.until("answered");
  await using half = await RawClient.open(server.port);
  half.send("GET / HT");
  await using silent = await RawClient.open(server.port);
  await server.close();
  await Promise.all([idle, half, silent].map((client) => client.untilClosed()));
});

test("what still runs after the drain is cancelled with ServerShutdown, and told 503", async () => {
  const arrived = signal();
  const ended = signal<unknown>();
  const server = await serve(
    async () => {
      arrived.give();
      try {
        return await sleepForever();
      } catch (error) {
        ended.give(error);
        throw error;
      }
    },
    { port: 0, hostname: "127.0.0.1", drain: 20 },
  );
  await using client = await RawClient.open(server.port);
  client.send(get);
  await arrived.promise;
  await server.close();
  const error = await ended.promise;
  assert.ok(isCancelled(error) && error.reason instanceof ServerShutdown);
  assert.equal(statusOf(await client.untilClosed()), 503);
});

test("streams are told that the server shuts down, and can end in order", async () => {
  const server = await serve(
    (_, context) => {
      const source = async function* (): AsyncGenerator<Uint8Array> {
        yield new TextEncoder().encode("first ");
        await context.shuttingDown.wait();
        yield new TextEncoder().encode("last");
      };
      return new Response(ReadableStream.from(source()));
    },
    { port: 0, hostname: "127.0.0.1" },
  );
  await using client = await RawClient.open(server.port);
  client.send(get);
  await client.until("first");
  await server.close();
  assert.match(await client.untilClosed(), /last\r\n0\r\n\r\n$/);
});

test("background tasks go on while the server drains, and are cancelled and awaited at last", async () => {
  const steps: string[] = [];
  const arrived = signal();
  const server = await serve(
    async (_, context) => {
      context.background(async () => {
        try {
          await sleepForever();
        } finally {
          steps.push("background ended");
        }
      });
      arrived.give();
      await context.shuttingDown.wait();
      steps.push("request ended");
      return new Response();
    },
    { port: 0, hostname: "127.0.0.1" },
  );
  const answer = fetch(server.url);
  await arrived.promise;
  await server.close();
  assert.equal((await answer).status, 200);
  assert.deepEqual(steps, ["request ended", "background ended"]);
});

test("closing twice, from several places and inside a handler, comes to the same end", async () => {
  const server = await serve(
    (_, context) => {
      context.background(() => server.close());
      return new Response("closing");
    },
    { port: 0, hostname: "127.0.0.1" },
  );
  const [first, second] = [server.closed, server.closed];
  assert.match(await exchange(server.port, get), /closing/);
  await Promise.all([first, second, server.close(), server.close({ drain: 0 })]);
  await server.close();
});

test("when the run is cancelled, its server's requests are cancelled at once", async () => {
  const arrived = signal();
  const ended = signal<unknown>();
  const controller = new AbortController();
  const done = run(
    async () => {
      const server = await testServer(
        async () => {
          arrived.give();
          try {
            return await sleepForever();
          } catch (error) {
            ended.give(error);
            throw error;
          }
        },
        { drain: "1h" },
      );
      fetch(server.url).catch(() => {});
      await server.closed;
    },
    { signal: controller.signal },
  );
  await arrived.promise;
  controller.abort(new Error("enough"));
  await assert.rejects(done);
  const error = await ended.promise;
  assert.ok(isCancelled(error));
});

/** A server in a process of its own, and what it prints. */
async function child(mode: string): Promise<{
  port: number;
  kill: (name: NodeJS.Signals) => void;
  line: (text: string) => Promise<void>;
  exit: Promise<[number | null, NodeJS.Signals | null]>;
}> {
  const file = fileURLToPath(new URL("shutdown-child.ts", import.meta.url));
  const process_ = spawn(process.execPath, ["--conditions=@tsyncio/source", file, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(process_, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: string[] = [];
  let changed = (): void => {};
  createInterface({ input: process_.stdout }).on("line", (line) => {
    lines.push(line);
    changed();
  });
  const line = async (text: string): Promise<void> => {
    while (!lines.some((one) => one.startsWith(text))) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  await line("port ");
  const port = Number(lines.find((one) => one.startsWith("port "))?.slice(5));
  return { port, kill: (name) => process_.kill(name), line, exit };
}

test("a signal stops the run softly: the reply in flight arrives, and the process ends with 0", async () => {
  const server = await child("drain");
  await using client = await RawClient.open(server.port);
  client.send("GET /until-stopping HTTP/1.1\r\nHost: a\r\n\r\n");
  await server.line("arrived");
  server.kill("SIGTERM");
  assert.match(await client.untilClosed(), /200 OK[^]*stopped in order$/);
  assert.deepEqual(await server.exit, [0, null]);
});

test("a second signal cancels the requests, and the process ends by it", async () => {
  const server = await child("drain");
  await using client = await RawClient.open(server.port);
  client.send("GET /for-ever HTTP/1.1\r\nHost: a\r\n\r\n");
  await server.line("arrived");
  server.kill("SIGTERM");
  await server.line("stopping");
  server.kill("SIGTERM");
  assert.equal(statusOf(await client.untilClosed()), 503);
  await server.line("cancelled");
  assert.deepEqual(await server.exit, [null, "SIGTERM"]);
});

test("a third signal ends the process although a handler swallows its cancellation", async () => {
  const server = await child("drain");
  await using client = await RawClient.open(server.port);
  client.send("GET /swallow HTTP/1.1\r\nHost: a\r\n\r\n");
  await server.line("arrived");
  server.kill("SIGTERM");
  await server.line("stopping");
  server.kill("SIGTERM");
  await server.line("cancelled");
  server.kill("SIGTERM");
  assert.deepEqual(await server.exit, [null, "SIGTERM"]);
});

test("without a drain of the run, one signal cancels the requests", async () => {
  const server = await child("no-drain");
  await using client = await RawClient.open(server.port);
  client.send("GET /for-ever HTTP/1.1\r\nHost: a\r\n\r\n");
  await server.line("arrived");
  server.kill("SIGINT");
  assert.equal(statusOf(await client.untilClosed()), 503);
  assert.deepEqual(await server.exit, [null, "SIGINT"]);
});
