import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ClientSession, type Handler, serve, testServer } from "@tsyncio/http";
import { createTask } from "tsyncio";
import { authority, serverCertificate, serverKey } from "../certificates.ts";
import { serveProxy, serveRaw } from "../servers.ts";

/** WebSockets are connected as the session's requests are: none of its options about connections is passed by. */
const tellsHost: Handler = async (request, context) => {
  const socket = await context.upgrade();
  await socket.send(`${request.headers.get("host")} ${request.headers.get("authorization")}`);
};

test("a WebSocket goes through the proxy, always by a tunnel, and the target alone gets the session's credentials", async () => {
  await using plain = await testServer(tellsHost);
  await using secure = await serve(tellsHost, {
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: serverCertificate, key: serverKey },
  });
  for (const tunnel of [true, false]) {
    await using proxy = await serveProxy();
    const url = proxy.url.replace("//", "//me:s3cret@");
    const options = { proxy: { url, tunnel }, auth: { token: "t0ken" }, tls: { ca: authority } };
    await using session = new ClientSession(options);
    for (const [scheme, port] of [
      ["ws", plain.port],
      ["wss", secure.port],
    ] as const) {
      await using socket = await session.ws(`${scheme}://server.test:${port}/`);
      assert.equal(await socket.receive(), `server.test:${port} Bearer t0ken`);
    }
    assert.deepEqual(
      proxy.seen.map((head) => head.split(" HTTP")[0]),
      [`CONNECT server.test:${plain.port}`, `CONNECT server.test:${secure.port}`],
    );
    for (const head of proxy.seen) {
      assert.match(head, /proxy-authorization: Basic /i);
      assert.doesNotMatch(head, /t0ken/);
    }
    await session.close();
    await proxy.allClosed();
  }
});

test("hosts that the proxy is not for are reached directly", async () => {
  await using server = await testServer(tellsHost);
  await using proxy = await serveProxy();
  await using session = new ClientSession({ proxy: { url: proxy.url, noProxy: "127.0.0.0/8" } });
  await using socket = await session.ws(server.url);
  assert.match(String(await socket.receive()), /^127\.0\.0\.1/);
  assert.deepEqual(proxy.seen, []);
});

test("a proxy that refuses or is not there is named in the error, without its password", async () => {
  await using proxy = await serveProxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  for (const [url, status, problem] of [
    [proxy.url, 407, /refused the connection: 407/],
    ["http://127.0.0.1:1", undefined, /cannot be reached/],
  ] as const) {
    await using session = new ClientSession({ proxy: url.replace("//", "//me:s3cret@") });
    await assert.rejects(session.ws("ws://target.test/"), (error: Error & { status?: number }) => {
      assert.equal(error.name, "ProxyError");
      assert.equal(error.status, status);
      assert.match(error.message, problem);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
  await proxy.allClosed();
});

test("socketPath, lookup and localAddress hold for WebSockets, too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tsyncio-ws-"));
  try {
    const socketPath = join(folder, "socket");
    await using local = await serve(tellsHost, { path: socketPath });
    await using byPath = new ClientSession({ socketPath });
    await using first = await byPath.ws("ws://anywhere.test/");
    assert.equal(await first.receive(), "anywhere.test null");
    await first.close();
    await local.close();
  } finally {
    await rm(folder, { recursive: true });
  }
  const seen: (string | undefined)[] = [];
  await using server = await testServer(async (_, context) => {
    seen.push(context.remoteAddress);
    await context.upgrade();
  });
  await using session = new ClientSession({
    localAddress: "127.0.0.2",
    lookup: (_, options, callback) => {
      if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
      else callback(null, "127.0.0.1", 4);
    },
  });
  await using socket = await session.ws(`ws://nowhere.test:${server.port}/`);
  await assert.rejects(socket.receive(), { closeCode: 1000 });
  assert.deepEqual(seen, ["127.0.0.2"]);
});

test("a session whose requests a handler or a dispatcher carries has no socket for a WebSocket, and says so", async () => {
  await using byHandler = new ClientSession({ handler: () => new Response() });
  await assert.rejects(byHandler.ws("/"), {
    name: "TypeError",
    message:
      "ws: a WebSocket needs a connection, and the handler of this session carries all its requests without one: use another session",
  });
  await using byDispatcher = new ClientSession({ dispatcher: { dispatch: () => true } as never });
  await assert.rejects(byDispatcher.ws("ws://127.0.0.1:1/"), /the dispatcher of this session carries all its requests/);
});

test("a WebSocket that waits for its tunnel, or for TLS in it, ends at once and takes the socket along", async () => {
  await using silent = await serveRaw((socket) => socket.resume());
  await using passing = await serveProxy();
  for (const [proxy, url] of [
    [silent, "ws://target.test/"],
    [passing, `wss://127.0.0.1:${silent.port}/`],
  ] as const) {
    await using session = new ClientSession({ proxy: proxy.url, timeout: { connect: 50 } });
    const accepted = silent.accepted + 1;
    const task = createTask(() => session.ws(url));
    await silent.acceptedAtLeast(accepted);
    await task.cancelAndWait();
    assert.equal(task.cancelled(), true);
    await silent.allClosed();
    await proxy.allClosed();
    await assert.rejects(session.ws(url), { name: "ConnectTimeoutError" });
    await silent.allClosed();
    await proxy.allClosed();
  }
});
