import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, ConnectionError, ProxyError } from "@tsyncio/http";
import { createTask } from "tsyncio";
import { authority } from "../certificates.ts";
import { serveHttp, serveHttps, serveProxy, serveRaw, type TestServer } from "../servers.ts";

const serveSecure = (): Promise<TestServer> => serveHttps((request, response) => response.end(`secure ${request.url}`));

test("http and https targets are reached through a tunnel, which is kept for the next request", async () => {
  await using plain = await serveHttp((request, response) => response.end(`plain ${request.url}`));
  await using secure = await serveSecure();
  await using proxy = await serveProxy();
  await using session = new ClientSession({ proxy: proxy.url, tls: { ca: authority } });
  for (const path of ["/1", "/2"]) {
    assert.equal(await (await session.get(plain.url + path)).text(), `plain ${path}`);
    const url = `https://server.test:${secure.port}${path}`;
    assert.equal(await (await session.get(url)).text(), `secure ${path}`);
  }
  assert.deepEqual(
    proxy.seen.map((head) => head.split(" HTTP")[0]),
    [`CONNECT 127.0.0.1:${plain.port}`, `CONNECT server.test:${secure.port}`],
  );
  await session.close();
  await proxy.allClosed();
});

test("the proxy gets its credentials and headers, and the target does not", async () => {
  let headers: Record<string, unknown> = {};
  await using target = await serveHttp((request, response) => {
    ({ headers } = request);
    response.end();
  });
  await using proxy = await serveProxy();
  const url = proxy.url.replace("//", "//me:s3cret%21@");
  await using session = new ClientSession({ proxy: { url, headers: { "x-zone": "7" } } });
  await (await session.get(target.url)).text();
  const [head = ""] = proxy.seen;
  assert.match(
    head,
    new RegExp(`\r\nproxy-authorization: Basic ${Buffer.from("me:s3cret!").toString("base64")}\r\n`, "i"),
  );
  assert.match(head, /\r\nx-zone: 7\r\n/i);
  assert.equal(headers["proxy-authorization"], undefined);
  assert.equal(headers["x-zone"], undefined);
});

test("without a tunnel, the proxy gets http requests to read: the whole URL, its headers, the target's host", async () => {
  const seen: string[] = [];
  await using proxy = await serveHttp((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers["proxy-authorization"]}`);
    response.end("from the proxy");
  });
  const url = proxy.url.replace("//", "//u:p@");
  await using session = new ClientSession({ proxy: { url, tunnel: false } });
  assert.equal(await (await session.get("http://target.test/path?q=1")).text(), "from the proxy");
  assert.deepEqual(seen, [
    `GET http://target.test/path?q=1 target.test Basic ${Buffer.from("u:p").toString("base64")}`,
  ]);
});

test("a proxy that refuses, breaks off, talks nonsense or is not there is named in the error, without its password", async () => {
  await using target = await serveHttp((_, response) => response.end("never"));
  const fails = async (proxy: string, message: RegExp, status: number | undefined): Promise<void> => {
    await using session = new ClientSession({ proxy, tls: { ca: authority } });
    for (const url of [target.url, "https://server.test/"]) {
      await assert.rejects(session.get(url), (error: Error) => {
        assert.ok(error instanceof ProxyError && error instanceof ConnectionError, String(error));
        assert.equal(error.phase, "connect");
        assert.equal(error.status, status);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    }
    assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
  };
  await using wantsLogin = await serveProxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\nwho are you?");
  await fails(wantsLogin.url.replace("//", "//me:s3cret@"), /refused the connection: 407 Proxy Auth/, 407);
  await using quiet = await serveProxy("");
  await fails(quiet.url, /broke off/, undefined);
  await using noise = await serveProxy("220 smtp ready\r\n");
  await fails(noise.url, /broke off/, undefined);
  await fails("http://127.0.0.1:1", /the proxy 127\.0\.0\.1:1 cannot be reached/, undefined);
  for (const proxy of [wantsLogin, quiet, noise]) await proxy.allClosed();
});

test("a refusal is not tried again, a proxy that cannot now is", async () => {
  for (const [answer, times] of [
    ["403 Forbidden", 1],
    ["502 Bad Gateway", 3],
  ] as const) {
    await using proxy = await serveProxy(`HTTP/1.1 ${answer}\r\n\r\n`);
    await using session = new ClientSession({ proxy: proxy.url, retry: { attempts: 3, base: 1 } });
    await assert.rejects(session.get("http://target.test/"), ProxyError);
    assert.equal(proxy.seen.length, times, answer);
  }
});

test("a request that waits for its tunnel, or for TLS in it, ends at once and takes the socket along", async () => {
  await using silent = await serveRaw((socket) => socket.resume());
  await using passing = await serveProxy();
  for (const [proxy, url] of [
    [silent, "http://target.test/"],
    [passing, `https://127.0.0.1:${silent.port}/`],
  ] as const) {
    await using session = new ClientSession({ proxy: proxy.url });
    const accepted = silent.accepted + 1;
    const task = createTask(() => session.get(url));
    await silent.acceptedAtLeast(accepted);
    await task.cancelAndWait();
    assert.equal(task.cancelled(), true);
    await proxy.allClosed();
    await silent.allClosed();
    await assert.rejects(session.get(url, { timeout: { connect: 30 } }), { name: "ConnectTimeoutError" });
    await proxy.allClosed();
  }
});

test("the environment decides about the proxy if the session says so", async () => {
  await using target = await serveHttp((_, response) => response.end("direct"));
  await using proxy = await serveProxy("HTTP/1.1 418 teapot\r\n\r\n");
  const saved = { ...process.env };
  try {
    Object.assign(process.env, { http_proxy: `127.0.0.1:${proxy.port}`, NO_PROXY: "direct.test, 127.0.0.0/8" });
    await using session = new ClientSession({ proxy: "environment" });
    assert.equal(await (await session.get(target.url)).text(), "direct");
    await assert.rejects(session.get("http://elsewhere.test/"), { name: "ProxyError", status: 418 });
    await using unasked = new ClientSession();
    await assert.rejects(unasked.get("http://elsewhere.invalid/"), (error: Error) => !(error instanceof ProxyError));
  } finally {
    for (const name of ["http_proxy", "NO_PROXY"]) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  }
});

test("what is no proxy is refused at the door", () => {
  assert.throws(() => new ClientSession({ proxy: "proxy:3128" }), /begins with http: or https:, got proxy:3128/);
  assert.throws(() => new ClientSession({ proxy: "" }), /expected the URL of a proxy/);
  assert.throws(() => new ClientSession({ proxy: { url: "socks5://me:pw@host" } }), /got socks5:\/\/host$/);
  assert.throws(() => new ClientSession({ proxy: { uri: "http://x" } as never }), /unknown option "uri"/);
  assert.throws(() => new ClientSession({ proxy: "http://x", socketPath: "/s" }), /expected it or a proxy, got both/);
});
