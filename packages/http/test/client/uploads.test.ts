import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { text as readText } from "node:stream/consumers";
import { test } from "node:test";
import { ClientSession, type RequestOptions } from "@tsyncio/http";
import { FormData as OtherFormData } from "undici";
import { createTask, sleepForever } from "tsyncio";
import { serveHttp, serveRaw, signal } from "../servers.ts";

interface Seen {
  headers: IncomingMessage["headers"];
  body: string;
}

function serveSeen() {
  return serveHttp((request, response) => {
    const { headers } = request;
    readText(request).then(
      (body) => response.end(JSON.stringify({ headers, body })),
      () => {},
    );
  });
}

test("what has a length is sent with it, forms and blobs too; only streams are sent in chunks", async () => {
  await using server = await serveSeen();
  await using session = new ClientSession({ baseUrl: server.url });
  const post = async (options: RequestOptions): Promise<Seen> => (await session.post("/", options)).json<Seen>();
  const form = new FormData();
  form.set("field", "välue");
  form.set("file", new File(["content"], "näme.txt", { type: "text/x" }));
  const other = new OtherFormData();
  other.set("k", "v");
  for (const options of [
    { json: { a: 1 } },
    { form: { a: 1 } },
    { form },
    { body: form },
    { body: other },
    { body: new Blob(["blob"]) },
    { body: "text" },
    { body: new Uint8Array(3) },
  ]) {
    const { headers, body } = await post(options);
    assert.equal(headers["content-length"], String(Buffer.byteLength(body)), body);
    assert.equal(headers["transfer-encoding"], undefined);
  }
  const { body } = await post({ form });
  assert.match(body, /name="file"; filename="näme.txt"\r\nContent-Type: text\/x\r\n\r\ncontent\r\n/);
  const chunked = await post({ body: [Buffer.from("one "), "two"] });
  assert.equal(chunked.headers["transfer-encoding"], "chunked");
  assert.equal(chunked.body, "one two");
  const declared = await post({ body: ["12", "345"], headers: { "content-length": 5 } });
  assert.equal(declared.headers["content-length"], "5");
  assert.equal(declared.body, "12345");
});

test("a body that is not as long as its content-length says is an error, and its socket is closed", async () => {
  await using server = await serveSeen();
  await using session = new ClientSession();
  for (const body of [["12"], ["12", "3456789"]]) {
    await assert.rejects(session.post(server.url, { body, headers: { "content-length": 5 } }), TypeError);
  }
  await assert.rejects(session.post(server.url, { body: "1234", headers: { "content-length": 2 } }), TypeError);
  await server.allClosed();
});

test("lists and functions are sent again on redirects and retries, single streams are not", async () => {
  let requests = 0;
  await using server = await serveHttp((request, response) => {
    requests += 1;
    void readText(request).then((body) => {
      if (request.url === "/moved") response.writeHead(307, { location: "/end" }).end();
      else if (request.url === "/busy" && requests % 2 === 1) response.writeHead(503).end();
      else response.end(body);
    });
  });
  await using session = new ClientSession({ baseUrl: server.url, retry: { attempts: 2, base: 1 } });
  async function* stream(): AsyncGenerator<string> {
    yield "again";
  }
  for (const body of [["aga", "in"], () => stream(), new Blob(["again"]), "again"]) {
    assert.equal(await (await session.put("/moved", { body })).text(), "again");
    requests = 0;
    assert.equal(await (await session.put("/busy", { body })).text(), "again");
  }
  await assert.rejects(session.put("/moved", { body: stream() }), /a stream can be sent only once/);
  requests = 0;
  assert.equal((await session.put("/busy", { body: stream() })).status, 503);
});

test("a server that answers without reading the upload is heard, and the source is told to stop", async () => {
  const stopped = signal();
  await using server = await serveRaw((socket) => {
    socket.once("data", () =>
      socket.write("HTTP/1.1 413 Payload Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig"),
    );
  });
  await using session = new ClientSession();
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(64 * 1024);
    } finally {
      stopped.give();
    }
  }
  const response = await session.post(server.url, { body: endless() });
  assert.equal(response.status, 413);
  await response.text().catch(() => "");
  await stopped.promise;
  await server.allClosed();
});

test("the source of an upload is a part of the task: it is cancelled with the request", async () => {
  const steps: string[] = [];
  const begun = signal();
  await using server = await serveHttp((request) => request.once("data", () => begun.give()));
  await using session = new ClientSession();
  async function* slow(): AsyncGenerator<string> {
    try {
      yield "x";
      await sleepForever();
    } catch (error) {
      steps.push((error as Error).name);
      throw error;
    } finally {
      steps.push("closed");
    }
  }
  const task = createTask(() => session.post(server.url, { body: slow() }));
  await begun.promise;
  await task.cancelAndWait();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(steps, ["CancelledError", "closed"]);
  await server.allClosed();
});

test("what is no chunk of a body is refused", async () => {
  await using server = await serveSeen();
  await using session = new ClientSession();
  await assert.rejects(session.post(server.url, { body: [1] as never }), /expected chunks of bytes or strings, got 1/);
});
