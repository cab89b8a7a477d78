import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AcquireTimeoutError,
  ClientSession,
  ConnectTimeoutError,
  HeadersTimeoutError,
  HttpTimeoutError,
  ReadTimeoutError,
  type RequestPhase,
  TotalTimeoutError,
} from "@tsyncio/http";
import { createTask, TimeoutError } from "tsyncio";
import { serveHttp, serveRaw } from "../servers.ts";

async function expectTimeout(
  promise: Promise<unknown>,
  kind: new (...args: never[]) => HttpTimeoutError,
  phase: RequestPhase,
  port: number,
): Promise<void> {
  await assert.rejects(promise, (error: Error) => {
    assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
    assert.ok(error instanceof HttpTimeoutError && error instanceof TimeoutError);
    assert.equal(error.phase, phase);
    assert.equal(error.peer, `127.0.0.1:${port}`);
    assert.ok(error.elapsed > 0);
    assert.equal(error.name, kind.name);
    return true;
  });
}

test("each time limit has its own error, which knows phase and peer, and closes the socket", async () => {
  await using silent = await serveRaw((socket) => socket.resume());
  await using stalling = await serveHttp((_, response) => response.write("some"));
  await using session = new ClientSession({ limit: 2 });
  const tls = `https://127.0.0.1:${silent.port}/`;

  await expectTimeout(session.get(tls, { timeout: { connect: 30 } }), ConnectTimeoutError, "connect", silent.port);
  await expectTimeout(
    session.get(silent.url, { timeout: { headers: 30 } }),
    HeadersTimeoutError,
    "headers",
    silent.port,
  );
  await silent.allClosed();
  const response = await session.get(stalling.url, { timeout: { read: 30 } });
  await expectTimeout(response.text(), ReadTimeoutError, "body", stalling.port);
  await stalling.allClosed();

  const holders = [1, 2].map(() => createTask(() => session.get(silent.url)));
  await silent.acceptedAtLeast(4);
  await expectTimeout(
    session.get(silent.url, { timeout: { acquire: 30 } }),
    AcquireTimeoutError,
    "acquire",
    silent.port,
  );
  for (const holder of holders) await holder.cancelAndWait();
});

test("the total covers every phase, up to the last byte of the body", async () => {
  await using silent = await serveRaw((socket) => socket.resume());
  await using stalling = await serveHttp((_, response) => response.write("some"));
  await using session = new ClientSession({ limit: 1, timeout: 30 });
  const tls = `https://127.0.0.1:${silent.port}/`;

  await expectTimeout(session.get(tls), TotalTimeoutError, "connect", silent.port);
  await expectTimeout(session.get(silent.url), TotalTimeoutError, "headers", silent.port);
  const response = await session.get(stalling.url);
  await expectTimeout(response.text(), TotalTimeoutError, "body", stalling.port);
  const holder = createTask(() => session.get(silent.url, { timeout: "1m" }));
  await silent.acceptedAtLeast(3);
  await expectTimeout(session.get(silent.url), TotalTimeoutError, "acquire", silent.port);
  await holder.cancelAndWait();
  await silent.allClosed();
  await stalling.allClosed();
});

test("the total covers retries and their pauses", async () => {
  await using server = await serveHttp((_, response) => response.writeHead(503).end());
  await using session = new ClientSession({ timeout: 50, retry: { attempts: 100, base: "1m", jitter: "none" } });
  await assert.rejects(session.get(server.url), TotalTimeoutError);
  assert.equal(server.accepted, 1);
});

test("a body that was read whole in time stays readable when the time is up", async () => {
  await using server = await serveHttp((_, response) => response.end("whole"));
  await using silent = await serveRaw((socket) => socket.resume());
  await using session = new ClientSession();
  const response = await session.get(server.url, { timeout: 40 });
  // Another one, whose time is up later.
  await assert.rejects(session.get(silent.url, { timeout: 60 }), TotalTimeoutError);
  assert.equal(await response.text(), "whole");
});
