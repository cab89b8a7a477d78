import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ClientSession } from "@tsyncio/http";
import { createTask, gather, yieldNow } from "tsyncio";

// Debian's: a Python of one's own rarely has the package.
const python = "/usr/bin/python3";
const installed = spawnSync(python, ["-c", "import aiohttp"]).status === 0;
const skip = installed ? false : "aiohttp is not installed (Debian's package python3-aiohttp)";

interface Echo {
  method: string;
  path: string;
  body: string;
  type: string;
  cookies: Record<string, string>;
  version: number[];
}

describe("against the server of aiohttp", { skip }, () => {
  let server: ChildProcess;
  let baseUrl: string;

  before(async () => {
    const script = fileURLToPath(new URL("aiohttp_server.py", import.meta.url));
    server = spawn(python, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(createInterface(server.stdout as NodeJS.ReadableStream), "line")) as [string];
    baseUrl = `http://127.0.0.1:${port}/`;
  });

  after(async () => {
    server.kill();
    await once(server, "exit");
  });

  test("methods, queries and bodies of all kinds arrive", async () => {
    await using session = new ClientSession({ baseUrl });
    const send = async (method: string, options = {}): Promise<Echo> =>
      (await session.request(method, "echo", options)).json<Echo>({ contentType: "application/json" });
    const get = await send("GET", { query: { q: "ü &=", n: 1 } });
    assert.equal(get.path, "/echo?q=%C3%BC+%26%3D&n=1");
    assert.deepEqual(get.version, [1, 1]);
    const json = await send("POST", { json: { a: [1] } });
    assert.deepEqual([json.method, json.body, json.type], ["POST", '{"a":[1]}', "application/json"]);
    async function* stream(): AsyncGenerator<string> {
      yield "in ";
      yield "pieces";
    }
    assert.equal((await send("PUT", { body: stream() })).body, "in pieces");
    assert.equal((await send("DELETE")).method, "DELETE");
    const head = await session.head("echo");
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    const large = "x".repeat(500_000);
    assert.equal((await send("POST", { body: large })).body.length, large.length);
  });

  test("multipart is read by aiohttp as it was meant", async () => {
    await using session = new ClientSession({ baseUrl });
    const form = new FormData();
    form.set("field", "välue");
    form.set("file", new File(["content"], "näme.txt"));
    const parts = await (await session.post("multipart", { form })).json();
    assert.deepEqual(parts, { field: [null, "välue"], file: ["näme.txt", "content"] });
  });

  test("cookies, redirects, compression and lines work", async () => {
    await using session = new ClientSession({ baseUrl });
    const response = await session.get("login");
    assert.deepEqual((await response.json<Echo>()).cookies, { token: "t0" });
    assert.equal(response.history.length, 1);
    assert.equal((await (await session.get("compressed")).text()).length, 11_000);
    assert.equal(await (await session.get("gzip")).text(), "raw");
    const numbers = await Array.fromAsync((await session.get("lines")).jsonLines<{ n: number }>(), ({ n }) => n);
    assert.deepEqual(
      numbers,
      Array.from({ length: 100 }, (_, n) => n),
    );
  });

  test("events come over several connections", async () => {
    await using session = new ClientSession({ baseUrl });
    const events = await Array.fromAsync(session.events("events"), (event) => event.data);
    assert.deepEqual(events, ["event 1", "event 2", "event 3"]);
  });

  test("many requests at once share few connections, and a cancelled one disturbs none", async () => {
    await using session = new ClientSession({ baseUrl, limit: 10 });
    const hanging = createTask(() => session.get("hang"));
    while ((await (await session.get("gone")).text()) !== "True") await yieldNow();
    await hanging.cancelAndWait();
    const paths = Array.from({ length: 300 }, (_, n) => `/echo?n=${n}`);
    const seen = await gather(paths.map((path) => async () => (await (await session.get(path)).json<Echo>()).path));
    assert.deepEqual(seen, paths);
    const { busy, idle } = session.statistics();
    assert.ok(busy + idle <= 10);
  });

  test("a WebSocket speaks with it", async () => {
    await using session = new ClientSession({ baseUrl });
    await using socket = await session.ws("ws");
    await socket.send("text");
    assert.equal(await socket.receive(), "TEXT");
    await socket.send(new Uint8Array([1, 2, 3]));
    assert.deepEqual(Buffer.from((await socket.receive()) as Uint8Array), Buffer.from([3, 2, 1]));
  });
});
