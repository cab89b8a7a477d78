import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";
import { ClientSession, serve, testServer } from "@tsyncio/http";
import { authority, clientCertificate, clientKey, serverCertificate, serverKey } from "../certificates.ts";

const run = promisify(execFile);
// Debian's own Python, which has Debian's own aiohttp.
const python = "/usr/bin/python3";

function lacks(program: string, ...args: string[]): string | false {
  return spawnSync(program, args).status === 0 ? false : `${program} ${args.join(" ")} does not work here`;
}

const noCurl = lacks("curl", "--version");
const noAiohttp = lacks(python, "-c", "import aiohttp");

test("a server speaks TLS, and can ask clients for certificates", async () => {
  const tls = { key: serverKey, cert: serverCertificate, ca: authority, requestCert: true, rejectUnauthorized: true };
  const server = await serve((request) => new Response(request.url), { port: 0, hostname: "localhost", tls });
  {
    const mine = { ca: authority, cert: clientCertificate, key: clientKey };
    await using session = new ClientSession({ baseUrl: server.url, tls: mine });
    assert.equal(await (await session.get("/x")).text(), `https://localhost:${server.port}/x`);
    await using stranger = new ClientSession({ tls: { ca: authority } });
    await assert.rejects(stranger.get(server.url));
    await using unknowing = new ClientSession({ tls: { cert: clientCertificate, key: clientKey } });
    await assert.rejects(unknowing.get(server.url), { name: "ConnectionError" });
  }
  await server.close();
});

test("WebSockets go over TLS", async () => {
  const tls = { key: serverKey, cert: serverCertificate };
  await using server = await serve(
    async (_, context) => {
      const socket = await context.upgrade();
      for await (const message of socket) await socket.send(message);
    },
    { port: 0, hostname: "localhost", tls },
  );
  await using session = new ClientSession({ tls: { ca: authority } });
  await using socket = await session.ws(server.url.replace("https", "wss"));
  await socket.send("over TLS");
  assert.equal(await socket.receive(), "over TLS");
});

test("curl gets pages, posts and uploads, waits for 100, and is told what is too large", { skip: noCurl }, async () => {
  await using server = await testServer(async (request) => {
    const body = await request.bytes();
    return new Response(`${request.method} ${body.length} ${request.headers.get("content-type")}`);
  });
  const curl = async (...args: string[]): Promise<string> => (await run("curl", ["-sS", ...args, server.url])).stdout;
  assert.equal(await curl(), "GET 0 null");
  assert.equal(await curl("-d", "a=1"), "POST 3 application/x-www-form-urlencoded");
  const large = "x".repeat(100_000);
  assert.equal(await curl("-d", large, "-H", "Expect: 100-continue"), "POST 100000 application/x-www-form-urlencoded");
  assert.match(await curl("-F", "field=value"), /^POST \d+ multipart\/form-data; boundary=/);
  assert.match(await curl("-H", "Transfer-Encoding: chunked", "-d", "abc"), /^POST 3 /);
  assert.match(await curl("-I"), /^HTTP\/1.1 200 OK\r\n/);
  const child = spawn("curl", ["-sS", "-w", "%{http_code}", "-T", "-", server.url], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end("x".repeat(2_000_000));
  assert.match((await child.stdout.setEncoding("utf8").toArray()).join(""), /413$/);
});

const aiohttpClient = `
import asyncio, sys, aiohttp
async def main(url):
    async with aiohttp.ClientSession() as session:
        async with session.get(url + "/a?b=c") as response:
            print(response.status, await response.text())
        async with session.post(url + "/json", json={"a": [1]}) as response:
            print(response.status, await response.text())
        async def upload():
            for number in range(3):
                yield b"x" * 1000
        async with session.post(url + "/upload", data=upload()) as response:
            print(response.status, await response.text())
        async with session.get(url + "/stream") as response:
            print(response.status, [line async for line in response.content])
        async with session.ws_connect(url + "/ws", protocols=["v1"]) as socket:
            await socket.send_str("text")
            print((await socket.receive()).data, socket.protocol)
            await socket.send_bytes(b"bytes" * 1000)
            print(len((await socket.receive()).data))
            await socket.ping()
            await socket.close(code=4000)
            print(socket.close_code)
asyncio.run(main(sys.argv[1]))
`;

test("the client of aiohttp gets, posts, streams and talks with this server", { skip: noAiohttp }, async () => {
  await using server = await testServer(async (request, context) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/ws") {
      const socket = await context.upgrade({ protocols: ["v1"] });
      for await (const message of socket) await socket.send(message);
      return undefined;
    }
    if (pathname !== "/stream")
      return new Response(`${request.method} ${pathname}${search} ${(await request.bytes()).length}`);
    const lines = async function* (): AsyncGenerator<Uint8Array> {
      for (const line of ["one\n", "two\n"]) yield new TextEncoder().encode(line);
    };
    return new Response(ReadableStream.from(lines()));
  });
  const { stdout } = await run(python, ["-c", aiohttpClient, server.url]);
  assert.deepEqual(stdout.trim().split("\n"), [
    "200 GET /a?b=c 0",
    "200 POST /json 10",
    "200 POST /upload 3000",
    "200 [b'one\\n', b'two\\n']",
    "text v1",
    "5000",
    "4000",
  ]);
});

const aiohttpServer = `
from aiohttp import web
async def talk(request):
    socket = web.WebSocketResponse(protocols=["v1"])
    await socket.prepare(request)
    async for message in socket:
        if message.type == web.WSMsgType.TEXT:
            await socket.send_str(message.data.upper())
        elif message.type == web.WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket
app = web.Application()
app.router.add_get("/ws", talk)
import socket as sockets
listening = sockets.socket(); listening.bind(("127.0.0.1", 0)); listening.listen()
print(listening.getsockname()[1], flush=True)
web.run_app(app, sock=listening, print=None)
`;

test("the session talks WebSocket with a server of aiohttp", { skip: noAiohttp }, async () => {
  const child = spawn(python, ["-c", aiohttpServer], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = (await once(createInterface(child.stdout), "line")) as [string];
    await using session = new ClientSession({ baseUrl: `http://127.0.0.1:${port}` });
    const socket = await session.ws("/ws", { protocols: ["v1"], heartbeat: 50 });
    assert.equal(socket.protocol, "v1");
    await socket.send("text");
    assert.equal(await socket.receive(), "TEXT");
    await socket.send(new Uint8Array(100_000));
    assert.equal((await socket.receive()).length, 100_000);
    await socket.close(4001, "bye");
    // It answers with a code of its own.
    assert.equal(socket.closing?.code, 1000);
  } finally {
    child.kill();
    await once(child, "exit");
  }
});
