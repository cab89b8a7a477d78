import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, MalformedResponseError, type RequestOptions } from "@tsyncio/http";
import { moveOnAfter } from "tsyncio";
import { type Echo, echo, serveHttp, signal } from "../servers.ts";

function serveEcho(): ReturnType<typeof serveHttp> {
  return serveHttp((request, response) => {
    void echo(request).then((answer) => response.setHeader("content-type", "application/json").end(answer));
  });
}

test("a session sends every method, and reads status, headers, text, JSON and bytes", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({ baseUrl: server.url });
  for (const method of ["get", "post", "put", "patch", "delete", "options"] as const) {
    await using response = await session[method]("/path");
    assert.equal(response.status, 200);
    assert.equal(response.ok, true);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.url, `${server.url}/path`);
    const seen = await response.json<Echo>();
    assert.equal(seen.method, method.toUpperCase());
    assert.deepEqual(JSON.parse(await response.text()), seen);
    assert.equal(Buffer.from(await response.bytes()).toString(), await response.text());
  }
  await using head = await session.head("/path");
  assert.equal(await head.text(), "");
  assert.equal((await (await session.request("PURGE", "/x")).json<Echo>()).method, "PURGE");
});

test("a request's headers and query go over the session's, and undefined removes a default", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({
    baseUrl: `${server.url}/v1/`,
    headers: { "X-A": "session", "X-B": "session", "X-C": "session" },
    query: { key: "s", other: "s" },
  });
  const response = await session.get("items?page=1", {
    headers: { "x-a": "request", "x-b": undefined },
    query: { key: ["r1", "r2"], none: undefined },
  });
  const { url, headers } = await response.json<Echo>();
  assert.equal(url, "/v1/items?page=1&key=r1&key=r2&other=s");
  assert.equal(headers["x-a"], "request");
  assert.equal(headers["x-b"], undefined);
  assert.equal(headers["x-c"], "session");
});

test("bodies of all kinds arrive with their type", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({ baseUrl: server.url });
  const send = async (options: RequestOptions): Promise<Echo> => (await session.post("/", options)).json<Echo>();
  async function* stream(): AsyncGenerator<string> {
    yield "one ";
    yield "two";
  }
  const form = new FormData();
  form.set("field", "value");
  form.set("file", new Blob(["content"]), "name.txt");

  const json = await send({ json: { a: [1, null] } });
  assert.equal(json.body, '{"a":[1,null]}');
  assert.equal(json.headers["content-type"], "application/json");
  const fields = await send({ form: { a: "1 2", b: ["x", "y"] } });
  assert.equal(fields.body, "a=1+2&b=x&b=y");
  assert.match(fields.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  const multipart = await send({ form });
  assert.match(multipart.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/);
  assert.match(multipart.body, /name="field"\r\n\r\nvalue\r\n/);
  assert.match(multipart.body, /filename="name.txt"[^]*content/);
  assert.equal((await send({ body: "äöü" })).body, "äöü");
  assert.equal((await send({ body: new Uint8Array([65, 66]) })).body, "AB");
  assert.equal((await send({ body: new Blob(["blob"], { type: "text/x" }) })).headers["content-type"], "text/x");
  const streamed = await send({ body: stream() });
  assert.equal(streamed.body, "one two");
  assert.equal(streamed.headers["transfer-encoding"], "chunked");
  assert.equal((await send({ body: () => stream() })).body, "one two");
  assert.equal((await send({ body: new Response("web stream").body as ReadableStream })).body, "web stream");
});

test("an error in the caller's own body is thrown as it is", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({ baseUrl: server.url });
  const error = Object.assign(new Error("the file is gone"), { code: "ENOENT" });
  async function* broken(): AsyncGenerator<string> {
    yield "some";
    throw error;
  }
  await assert.rejects(session.post("/", { body: broken() }), (thrown) => thrown === error);
});

test("user name and password in a URL become a header, and are never printed", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession();
  const response = await session.get(`http://user:s%20cret@127.0.0.1:${server.port}/`);
  assert.equal(response.url, `${server.url}/`);
  const { headers } = await response.json<Echo>();
  assert.equal(headers["authorization"], `Basic ${Buffer.from("user:s cret").toString("base64")}`);

  const urls = [
    "http://user:s3cret@127.0.0.1:1/",
    "http://user:s3cret@127.0.0.1:notaport/",
    "ftp://user:s3cret@host/",
    "//user:s3cret@host/",
  ];
  for (const url of urls) {
    const error = await session.get(url).then(
      () => assert.fail("expected an error"),
      (thrown: unknown) => thrown as Error,
    );
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /s3cret/);
  }
});

test("a header that would break the request apart is refused, and its value not printed", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession({ baseUrl: server.url });
  const refuse = async (headers: Record<string, string>, expected: RegExp): Promise<void> => {
    await assert.rejects(session.get("/", { headers }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  };
  await refuse({ authorization: "s3cret\r\nx-injected: 1" }, /the value of authorization holds a line break/);
  await refuse({ "x-a": "s3cret\0" }, /the value of x-a/);
  await refuse({ "x-a: 1\r\nx-b": "1" }, /not a header's name/);
  await refuse({ "transfer-encoding": "chunked" }, /belongs to the connection/);
  assert.equal(server.accepted, 0);
});

test("options that make no sense are refused with what was expected", async () => {
  const refused: [unknown, RegExp][] = [
    [{ limits: 3 }, /unknown option "limits"; known are .*limitPerHost/],
    [{ limit: 0 }, /limit: expected a whole number of at least 1, got 0/],
    [{ timeout: { conect: 1 } }, /timeout: unknown option "conect"; known are total, acquire, connect/],
    [{ timeout: "soon" }, /timeout: expected milliseconds or a literal/],
    [{ timeout: -1 }, /timeout: expected a duration of zero or more/],
    [{ redirects: -1 }, /redirects: expected a whole number/],
    [{ retry: { attempts: 0 } }, /retry.attempts: expected a whole number of at least 1/],
    [{ dispatcher: {} }, /dispatcher: expected a Dispatcher of undici/],
    [{ baseUrl: "example.com" }, /"example.com" is not a valid URL/],
    ["http://x", /expected an object of options, got "http:\/\/x"/],
  ];
  for (const [options, expected] of refused) {
    assert.throws(() => new ClientSession(options as object), expected);
  }
  await using session = new ClientSession();
  const refuse = (url: unknown, options: unknown, expected: RegExp): Promise<void> =>
    assert.rejects(session.get(url as string, options as RequestOptions), expected);
  await refuse("/relative", {}, /give an absolute one, or the session a baseUrl/);
  await refuse(undefined, {}, /expected a URL, got undefined/);
  await refuse("http://x/", { jsn: 1 }, /unknown option "jsn"/);
  await refuse("http://x/", { json: 1, body: "" }, /expected one of json, form and body, got json and body/);
  await refuse("http://x/", { body: 3 }, /body: expected a string, bytes/);
  await refuse("http://x/", { json: () => 1 }, /json: expected a value that JSON can express, got a function/);
  await assert.rejects(session.request("CONNECT", "http://x/"), /CONNECT makes a tunnel/);
});

test("what is not JSON fails with the status and what is wrong", async () => {
  await using server = await serveHttp((_, response) => response.writeHead(502).end("<html>"));
  await using session = new ClientSession();
  const response = await session.get(server.url);
  await assert.rejects(response.json(), (error: Error) => {
    assert.ok(error instanceof MalformedResponseError);
    assert.match(error.message, /^GET http:\/\/127.0.0.1:\d+\/ \(status 502\): not JSON: /);
    return true;
  });
});

test("connections are kept and used again", async () => {
  await using server = await serveEcho();
  await using session = new ClientSession();
  for (let i = 0; i < 5; i += 1) await (await session.get(server.url)).text();
  assert.equal(server.accepted, 1);
});

test("connections are closed after so many requests, or at such an age", async () => {
  await using server = await serveEcho();
  await using counting = new ClientSession({ baseUrl: server.url, maxRequestsPerConnection: 2 });
  for (let i = 0; i < 5; i += 1) await (await counting.get("/")).text();
  assert.equal(server.accepted, 3);
  await using ageing = new ClientSession({ baseUrl: server.url, maxConnectionAge: 0 });
  for (let i = 0; i < 2; i += 1) await (await ageing.get("/")).text();
  assert.equal(server.accepted, 5);
});

test("credentials can be given as an option, of the session or of a request", async () => {
  await using server = await serveEcho();
  const seen = async (session: ClientSession, options: RequestOptions = {}): Promise<string | undefined> =>
    (await (await session.get("/", options)).json<Echo>()).headers["authorization"];
  await using session = new ClientSession({ baseUrl: server.url, auth: { token: "t" } });
  assert.equal(await seen(session), "Bearer t");
  const basic = `Basic ${Buffer.from("ü:p").toString("base64")}`;
  assert.equal(await seen(session, { auth: { username: "ü", password: "p" } }), basic);
  assert.equal(await seen(session, { headers: { authorization: "own" } }), "own");
  assert.throws(() => new ClientSession({ auth: { user: "x" } as never }), /unknown option "user"/);
  assert.throws(() => new ClientSession({ auth: { username: "x" } as never }), /expected { username, password } or/);
});

test("JSON can be asked to be declared as such, and JSON lines come one by one", async () => {
  await using server = await serveHttp((request, response) => {
    response.setHeader("content-type", String(request.url).slice(1));
    response.end('{"a":1}\r\n\n[2]\n"no');
  });
  await using session = new ClientSession({ baseUrl: server.url });
  await assert.rejects(
    (await session.get("/text/html")).json({ contentType: "application/json" }),
    /expected application\/json, got "text\/html"/,
  );
  const declared = await session.get("/application/problem+json;%20charset=utf-8");
  await assert.rejects(declared.json({ contentType: "application/json" }), /not JSON/);
  const values: unknown[] = [];
  await assert.rejects(async () => {
    for await (const value of (await session.get("/x")).jsonLines()) values.push(value);
  }, /line 4 is not JSON/);
  assert.deepEqual(values, [{ a: 1 }, [2]]);
});

test("a reader of lines that is cancelled loses nothing", async () => {
  const more = signal();
  await using server = await serveHttp((_, response) => {
    response.write("one\ntw");
    void more.promise.then(() => response.end("o\nthree"));
  });
  await using session = new ClientSession();
  const lines = (await session.get(server.url)).lines();
  assert.equal((await lines.next()).value, "one");
  assert.equal(await moveOnAfter(10, () => lines.next()), undefined);
  more.give();
  assert.deepEqual(await Array.fromAsync(lines), ["two", "three"]);
});
