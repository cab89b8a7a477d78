import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ClientSession, SessionClosedError } from "@tsyncio/http";
import { MockAgent } from "undici";
import { serveHttp, serveRaw, signal } from "../servers.ts";

test("closing ends requests in every phase with an error, and no socket is left", async () => {
  await using silent = await serveRaw((socket) => socket.resume());
  const arrived = signal();
  await using stalling = await serveHttp((_, response) => {
    response.write("some");
    arrived.give();
  });
  const session = new ClientSession({ limit: 3 });
  const connecting = session.get(`https://127.0.0.1:${silent.port}/`);
  const waitingForHeaders = session.get(silent.url);
  const reading = session.get(stalling.url).then((response) => response.text());
  await silent.acceptedAtLeast(2);
  await arrived.promise;
  const queued = session.get(silent.url);
  assert.deepEqual(session.statistics(), { busy: 3, idle: 0, waiting: 1 });
  const ends = [connecting, waitingForHeaders, reading, queued].map((end) =>
    assert.rejects(end, (error: Error) => error instanceof SessionClosedError && error.message.startsWith("GET http")),
  );
  await session.close();
  assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
  await Promise.all(ends);
  await silent.allClosed();
  await stalling.allClosed();
});

test("a session that drains refuses new requests, lets the others end, and cuts what takes too long", async () => {
  const answer = signal();
  const arrived = signal();
  let requests = 0;
  await using server = await serveHttp((request, response) => {
    requests += 1;
    if (requests === 2) arrived.give();
    if (request.url === "/slow") void answer.promise.then(() => response.end("whole"));
  });
  const session = new ClientSession({ baseUrl: server.url });
  const slow = session.get("/slow").then((response) => response.text());
  const never = session.get("/never");
  await arrived.promise;
  const ended = assert.rejects(never, SessionClosedError);
  const patient = session.close({ drain: "1h" });
  await assert.rejects(session.get("/"), SessionClosedError);
  answer.give();
  assert.equal(await slow, "whole");
  assert.equal(server.sockets.size, 2);
  await session.close({ drain: 20 });
  await ended;
  await patient;
  await server.allClosed();

  const idle = new ClientSession();
  await idle.close({ drain: "1h" });
  await assert.rejects(idle.close({ grace: 1 } as never), /close: unknown option "grace"/);
});

test("a closed session refuses requests, and may be closed again", async () => {
  await using server = await serveHttp((_, response) => response.end("x"));
  const session = new ClientSession();
  await (await session.get(server.url)).text();
  await Promise.all([session.close(), session.close()]);
  await session.close();
  await server.allClosed();
  await assert.rejects(session.get(server.url), SessionClosedError);
  await assert.rejects(session.fetch(server.url), SessionClosedError);
});

test("a program that uses a session and does not close it exits by itself, with nothing left", async () => {
  const child = fileURLToPath(new URL("exit-child.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@tsyncio/source", child], {
    timeout: 20_000,
  });
  assert.deepEqual(JSON.parse(stdout), { cancelled: 6, resources: [] });
});

test("a dispatcher of the user's carries the requests, within the session's limits", async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const pool = agent.get("http://mocked.example");
  pool
    .intercept({ path: "/hello", method: "GET" })
    .reply(200, "mocked", { headers: { "x-a": "1" } })
    .times(5);
  pool.intercept({ path: "/gone", method: "POST", body: '{"a":1}' }).reply(410, "gone");
  {
    await using session = new ClientSession({ baseUrl: "http://mocked.example", dispatcher: agent, limit: 2 });
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(async () => {
        const response = await session.get("/hello");
        return [response.headers.get("x-a"), await response.text()];
      }),
    );
    assert.deepEqual(new Set(answers.map(String)), new Set(["1,mocked"]));
    await assert.rejects(session.post("/gone", { json: { a: 1 }, raiseForStatus: true }), { status: 410 });
    assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
  }
  agent.assertNoPendingInterceptors();
  await agent.close();
});
