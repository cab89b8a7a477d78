import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import {
  ClientSession,
  ConnectionError,
  HttpStatusError,
  MalformedResponseError,
  ResponseTooLargeError,
} from "@tsyncio/http";
import * as fc from "fast-check";
import { serveHttp, serveRaw, signal, type TestServer } from "../servers.ts";

/** Answers every request with these bytes. */
function serveBytes(answer: string | Buffer): Promise<TestServer> {
  return serveRaw((socket) => socket.once("data", () => socket.end(answer)));
}

test("a body that is not read stops its sender, and goes on when it is read", async () => {
  const chunk = Buffer.alloc(64 * 1024, "x");
  const total = 64 * 1024 * 1024;
  let sent = 0;
  let stalled: () => void = () => {};
  await using server = await serveHttp((_, response) => {
    const send = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (response.write(chunk)) continue;
        response.once("drain", send);
        stalled();
        return;
      }
      response.end();
    };
    send();
  });
  await using session = new ClientSession();
  const response = await session.get(server.url);
  // The kernel's buffers fill up; then the sender hears nothing of a drain for many turns.
  for (let quiet = 0, last = -1; quiet < 200; last = sent) {
    quiet = sent === last ? quiet + 1 : 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(sent < total / 2, `${sent} bytes were sent to a reader that does not read`);
  const seen = signal();
  stalled = () => seen.give();
  let received = 0;
  for await (const piece of response.body) received += piece.length;
  await seen.promise;
  assert.equal(received, total);
});

test("every encoding is undone, also several, and an empty body may name one", async () => {
  const text = "Grüße ".repeat(5_000);
  const encoded: Record<string, Buffer> = {
    gzip: gzipSync(text),
    deflate: deflateSync(text),
    "Deflate ": deflateRawSync(text),
    br: brotliCompressSync(text),
    zstd: zstdCompressSync(text),
    "gzip, br": brotliCompressSync(gzipSync(text)),
    identity: Buffer.from(text),
  };
  await using server = await serveHttp((request, response) => {
    const name = decodeURIComponent(String(request.url).slice(1));
    response.setHeader("content-encoding", name === "empty" ? "gzip" : name);
    response.end(encoded[name]);
  });
  await using session = new ClientSession({ baseUrl: server.url });
  for (const name of Object.keys(encoded)) {
    assert.equal(await (await session.get(`/${encodeURIComponent(name)}`)).text(), text, name);
  }
  assert.equal(await (await session.get("/empty")).text(), "");
  const raw = await session.get("/gzip", { decompress: false });
  assert.deepEqual(Buffer.from(await raw.bytes()), encoded["gzip"]);
  const unknown = await session.get("/unknown");
  assert.equal(await unknown.text(), "");
  assert.equal(server.accepted, 1);
});

test("a body that is not what its encoding says is malformed, whether wrong or cut off", async () => {
  const gzip = gzipSync("text ".repeat(1_000));
  await using server = await serveHttp((request, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(request.url === "/cut" ? gzip.subarray(0, gzip.length - 12) : "this is no gzip");
  });
  await using session = new ClientSession({ baseUrl: server.url });
  for (const path of ["/wrong", "/cut"]) {
    await assert.rejects((await session.get(path)).text(), (error: Error) => {
      assert.ok(error instanceof MalformedResponseError);
      assert.match(error.message, /the body is not valid gzip/);
      return true;
    });
  }
});

test("a compression bomb is refused long before it fills the memory", async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  await using server = await serveHttp((_, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(bomb);
  });
  await using session = new ClientSession();
  const response = await session.get(server.url);
  let received = 0;
  await assert.rejects(
    async () => {
      for await (const chunk of response.body) received += chunk.length;
    },
    (error: Error) => error instanceof ResponseTooLargeError && /maxExpansion/.test(error.message),
  );
  assert.ok(received < 40 * 1024 * 1024, `${received} bytes came out`);
  await server.allClosed();
});

test("a body larger than maxResponseSize is refused and its socket closed, counted after decompression", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === "/gzip") response.setHeader("content-encoding", "gzip").end(gzipSync("x".repeat(2_000)));
    else response.write("x".repeat(1_001));
  });
  await using session = new ClientSession({ baseUrl: server.url, maxResponseSize: 1_000 });
  await assert.rejects((await session.get("/")).text(), { name: "ResponseTooLargeError", limit: 1_000 });
  await assert.rejects((await session.get("/gzip")).text(), ResponseTooLargeError);
  await assert.rejects((await session.get("/")).text(), ResponseTooLargeError);
});

test("what lies about its length, breaks off or is not HTTP is told apart", async () => {
  await using session = new ClientSession();
  await using short = await serveBytes("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
  await assert.rejects((await session.get(short.url)).text(), ConnectionError);
  await using chunked = await serveBytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nx\r\n");
  await assert.rejects(async () => (await session.get(chunked.url)).text(), MalformedResponseError);
  await using both = await serveBytes(
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  );
  await assert.rejects(async () => (await session.get(both.url)).text(), MalformedResponseError);
  await using noise = await serveBytes("SSH-2.0-OpenSSH_9.2\r\n");
  await assert.rejects(session.get(noise.url), MalformedResponseError);
  await using silent = await serveBytes("");
  await assert.rejects(session.get(silent.url), ConnectionError);
  await using reset = await serveRaw((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome", () => socket.resetAndDestroy());
    });
  });
  await assert.rejects(async () => (await session.get(reset.url)).text(), ConnectionError);
  await assert.rejects(session.get("http://127.0.0.1:1/"), { name: "ConnectionError", code: "ECONNREFUSED" });
  await assert.rejects(session.get("http://host.invalid/"), { name: "ConnectionError", phase: "connect" });
});

test("more than was announced does not leak into the next answer", async () => {
  let requests = 0;
  await using server = await serveRaw((socket) => {
    socket.on("data", () => {
      requests += 1;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${requests}!`);
      if (requests === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    });
  });
  await using session = new ClientSession();
  assert.equal(await (await session.get(server.url)).text(), "1!");
  await new Promise((resolve) => setImmediate(resolve));
  assert.notEqual(await (await session.get(server.url)).text(), "evil");
});

test("raiseForStatus throws from 400 on, with status, URL and the beginning of the body", async () => {
  await using server = await serveHttp((request, response) => {
    const status = Number(String(request.url).slice(1));
    response.writeHead(status).end(status === 500 ? "x".repeat(1_000_000) : '{"reason":"gone"}');
  });
  await using session = new ClientSession({ baseUrl: server.url });
  const fine = await session.get("/200");
  assert.equal(await fine.raiseForStatus(), fine);
  assert.equal(await fine.text(), '{"reason":"gone"}');
  const failure = await session
    .get("/404")
    .then(async (response) => response.raiseForStatus())
    .catch((error: unknown) => error);
  assert.ok(failure instanceof HttpStatusError);
  assert.equal(failure.status, 404);
  assert.equal(failure.statusText, "Not Found");
  assert.equal(failure.url, `${server.url}/404`);
  assert.equal(failure.text(), '{"reason":"gone"}');
  assert.match(failure.message, /^GET http:\/\/127\.0\.0\.1:\d+\/404: 404 Not Found$/);
  await assert.rejects(session.get("/500", { raiseForStatus: true }), (error: HttpStatusError) => {
    assert.equal(error.body.length, 64 * 1024);
    return true;
  });
  await server.allClosed().then(() => assert.equal(session.statistics().busy, 0));
});

test("a body can be read once; a closed response says so", async () => {
  await using server = await serveHttp((_, response) => response.end("one\r\ntwo\n\nlast"));
  await using session = new ClientSession();
  const streamed = await session.get(server.url);
  assert.deepEqual(await Array.fromAsync(streamed.lines()), ["one", "two", "", "last"]);
  await assert.rejects(streamed.text(), /the body has been read already/);
  const closed = await session.get(server.url);
  await closed.close();
  await assert.rejects(closed.text(), /the response is closed/);
  const long = await session.get(server.url);
  await assert.rejects(Array.fromAsync(long.lines({ maxLength: 3 })), ResponseTooLargeError);
});

test("text is decoded by its charset, across pieces", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === "/latin1") {
      response.setHeader("content-type", 'text/plain; charset="ISO-8859-1"').end(Buffer.from("é", "latin1"));
    } else {
      response.setHeader("content-type", "text/plain; charset=no-such-thing");
      response.write(Buffer.from("é").subarray(0, 1));
      setImmediate(() => response.end(Buffer.from("é\nü").subarray(1)));
    }
  });
  await using session = new ClientSession({ baseUrl: server.url });
  assert.equal(await (await session.get("/latin1")).text(), "é");
  assert.equal(await (await session.get("/utf8")).text(), "é\nü");
  assert.deepEqual(await Array.fromAsync((await session.get("/utf8")).lines()), ["é", "ü"]);
});

test("lines are the same however the bytes are cut into pieces", async () => {
  let pieces: string[] = [];
  await using server = await serveHttp((_, response) => {
    const [...rest] = pieces;
    const next = (): void => {
      const piece = rest.shift();
      if (piece === undefined) response.end();
      else response.write(piece, () => setImmediate(next));
    };
    next();
  });
  await using session = new ClientSession();
  const piece = fc
    .array(fc.constantFrom("a", "é", "\r\n", "\n", " ", "😀"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (cut) => {
      pieces = cut.filter((part) => part !== "");
      const expected = cut
        .join("")
        .split("\n")
        .map((line) => line.replace(/\r$/, ""));
      if (expected.at(-1) === "") expected.pop();
      assert.deepEqual(await Array.fromAsync((await session.get(server.url)).lines()), expected);
    }),
    { numRuns: 50 },
  );
});
