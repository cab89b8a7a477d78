import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, fetch } from "@tsyncio/http";
import { createTask, isCancelled } from "tsyncio";
import { type Echo, echo, serveHttp, signal } from "../servers.ts";

function serveEcho() {
  return serveHttp((request, response) => {
    if (request.url === "/redirect") {
      response.writeHead(302, { location: "/end" }).end();
      return;
    }
    if (request.url === "/empty") {
      response.writeHead(204).end();
      return;
    }
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    void echo(request).then((text) => response.end(text));
  });
}

test("session.fetch takes what fetch takes and gives a real Response", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({ headers: { "x-session": "1" } });
  const { fetch } = session;
  const plain = await fetch(server.url);
  assert.ok(plain instanceof Response);
  assert.equal(plain.url, `${server.url}/`);
  assert.equal(plain.redirected, false);
  assert.deepEqual(plain.headers.getSetCookie(), ["a=1", "b=2"]);
  const first = (await plain.json()) as Echo;
  assert.equal(first.method, "GET");
  assert.equal(first.headers["x-session"], "1");

  const init = { method: "POST", body: JSON.stringify({ a: 1 }), headers: { "content-type": "application/json" } };
  const posted = (await (await fetch(new URL(server.url), init)).json()) as Echo;
  assert.equal(posted.body, '{"a":1}');
  assert.equal(posted.headers["content-type"], "application/json");
  const request = new Request(server.url, { method: "PUT", body: "from a Request", headers: { "x-a": "1" } });
  const put = (await (await fetch(request, { headers: { "x-b": "2" } })).json()) as Echo;
  assert.equal(put.method, "PUT");
  assert.equal(put.body, "from a Request");
  assert.equal(put.headers["x-a"], undefined);
  assert.equal(put.headers["x-b"], "2");
  const form = new FormData();
  form.set("k", "v");
  const multipart = (await (await fetch(server.url, { method: "POST", body: form })).json()) as Echo;
  assert.match(multipart.headers["content-type"] ?? "", /^multipart\/form-data/);

  assert.equal((await fetch(`${server.url}/empty`)).body, null);
  assert.equal(await (await fetch(server.url, { method: "HEAD" })).text(), "");
  const redirected = await fetch(`${server.url}/redirect`);
  assert.equal(redirected.redirected, true);
  assert.equal(redirected.url, `${server.url}/end`);
  assert.equal((await fetch(`${server.url}/redirect`, { redirect: "manual" })).status, 302);
  await assert.rejects(fetch(`${server.url}/redirect`, { redirect: "error" }), TypeError);
});

test("the Response streams, and cancelling its stream closes the socket", async () => {
  await using server = await serveHttp((_, response) => response.write("first"));
  await using session = new ClientSession();
  const response = await session.fetch(server.url);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  assert.equal(Buffer.from(value ?? []).toString(), "first");
  await reader.cancel();
  await server.allClosed();
});

test("an AbortSignal ends the request in every phase with its reason, and leaves no listener", async () => {
  const arrived = signal();
  await using silent = await serveHttp(() => arrived.give());
  await using stalling = await serveHttp((_, response) => response.write("some"));
  await using session = new ClientSession();
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  await assert.rejects(session.fetch(silent.url, { signal: aborted }), (error) => error === reason);
  assert.equal(silent.accepted, 0);

  const first = new AbortController();
  const pending = session.fetch(new Request(silent.url, { signal: first.signal }));
  await arrived.promise;
  first.abort(reason);
  await assert.rejects(pending, (error) => error === reason);
  await silent.allClosed();

  const second = new AbortController();
  const response = await session.fetch(stalling.url, { signal: second.signal });
  const reading = response.text();
  second.abort(reason);
  await assert.rejects(reading, (error) => error === reason);
  await stalling.allClosed();
});

test("a request through fetch is cancelled with its task, also while its body is read", async () => {
  const arrived = signal();
  await using server = await serveHttp((_, response) => {
    response.write("some");
    arrived.give();
  });
  await using session = new ClientSession();
  const task = createTask(async () => (await session.fetch(server.url)).text());
  await arrived.promise;
  await task.cancelAndWait();
  assert.ok(task.cancelled());
  await server.allClosed();
});

test("a connection that fails is a TypeError with its cause, as with the platform's fetch", async () => {
  await using session = new ClientSession();
  await assert.rejects(session.fetch("http://127.0.0.1:1/"), (error: Error) => {
    assert.ok(error instanceof TypeError && !isCancelled(error));
    assert.equal((error.cause as Error).name, "ConnectionError");
    return true;
  });
});

test("the module's fetch works without a session", async () => {
  await using server = await serveEcho();
  const answer = (await (
    await fetch(server.url, { method: "POST", body: new URLSearchParams({ a: "1" }) })
  ).json()) as Echo;
  assert.equal(answer.body, "a=1");
  assert.match(answer.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
});
