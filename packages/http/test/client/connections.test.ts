import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { ClientSession, ConnectionError, type TlsOptions } from "@tsyncio/http";
import { createTask } from "tsyncio";
import { authority, clientCertificate, clientKey, serverCertificate } from "../certificates.ts";
import { serveHttp, serveHttps, type TestServer } from "../servers.ts";

/** Answers whose certificate the client showed. */
function serveSecure(options: ServerOptions = {}): Promise<TestServer> {
  return serveHttps((request, response) => {
    response.end((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? "nobody");
  }, options);
}

test("a certificate that is not trusted, or is somebody else's, ends the connection and says why", async () => {
  await using server = await serveSecure();
  const codeOf = async (tls: TlsOptions, host: string): Promise<string> => {
    await using session = new ClientSession({
      tls,
      lookup: (_, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    try {
      return await (await session.get(`https://${host}:${server.port}/`)).text();
    } catch (error) {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.phase, "connect");
      assert.deepEqual(session.statistics(), { busy: 0, idle: 0, waiting: 0 });
      return error.code;
    }
  };
  assert.equal(await codeOf({}, "server.test"), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  assert.equal(await codeOf({ ca: authority }, "other.test"), "ERR_TLS_CERT_ALTNAME_INVALID");
  assert.equal(await codeOf({ ca: authority }, "server.test"), "nobody");
  assert.equal(await codeOf({ ca: authority, servername: "server.test" }, "other.test"), "nobody");
  assert.equal(await codeOf({ rejectUnauthorized: false }, "other.test"), "nobody");
  const { fingerprint256 } = new X509Certificate(serverCertificate);
  const pinned = (wanted: string): TlsOptions => ({
    ca: authority,
    checkServerIdentity: (_, certificate) =>
      certificate.fingerprint256 === wanted ? undefined : new Error("not pinned"),
  });
  assert.equal(await codeOf(pinned(fingerprint256), "server.test"), "nobody");
  assert.equal(await codeOf(pinned("other"), "server.test"), "ECONNECTION");
});

test("a client shows its certificate", async () => {
  await using server = await serveSecure({ ca: authority, requestCert: true, rejectUnauthorized: true });
  await using session = new ClientSession({ tls: { ca: authority, cert: clientCertificate, key: clientKey } });
  const url = `https://127.0.0.1:${server.port}/`;
  assert.equal(await (await session.get(url)).text(), "tsyncio test client");
  await using stranger = new ClientSession({ tls: { ca: authority } });
  await assert.rejects(stranger.get(url), ConnectionError);
});

test("a Unix socket is connected to, whatever the host", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "tsyncio-http-"));
  const socketPath = path.join(folder, "server.sock");
  const server = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
  server.listen(socketPath);
  await once(server, "listening");
  try {
    await using session = new ClientSession({ socketPath, baseUrl: "http://docker/v1/" });
    assert.equal(await (await session.get("info")).text(), "docker /v1/info");
    await using missing = new ClientSession({ socketPath: `${socketPath}.not` });
    await assert.rejects(missing.get("http://docker/"), { name: "ConnectionError", code: "ENOENT" });
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});

test("a name that is being looked up holds nothing up: the request ends at once, or when its time is up", async () => {
  await using server = await serveHttp((_, response) => response.end("found"));
  const asked: string[] = [];
  let answers = false;
  await using session = new ClientSession({
    limit: 1,
    lookup: (name, _, done) => {
      asked.push(name);
      if (answers) done(null, [{ address: "127.0.0.1", family: 4 }]);
    },
  });
  const url = `http://slow.test:${server.port}/`;
  const task = createTask(() => session.get(url));
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await task.cancelAndWait();
  assert.ok(task.cancelled());
  await assert.rejects(session.get(url, { timeout: { connect: 20 } }), {
    name: "ConnectTimeoutError",
    phase: "connect",
  });
  answers = true;
  assert.equal(await (await session.get(url)).text(), "found");
  assert.deepEqual(asked, ["slow.test", "slow.test", "slow.test"]);
});

test("the local address can be chosen", async () => {
  let from: string | undefined;
  await using server = await serveHttp((request, response) => {
    from = request.socket.remoteAddress;
    response.end();
  });
  await using session = new ClientSession({ localAddress: "127.0.0.9" });
  await (await session.get(server.url)).text();
  assert.equal(from, "127.0.0.9");
});
