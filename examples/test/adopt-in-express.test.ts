import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Starts the app on a free port. */
async function startApp(patience: string) {
  const file = fileURLToPath(new URL("../adopt-in-express.ts", import.meta.url));
  const app = spawn(process.execPath, ["--conditions=@tsyncio/source", file], {
    env: { ...process.env, PORT: "0", PATIENCE_MS: patience },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(app.stdout), "line")) as [string];
  return {
    url: /http:\S+/.exec(line)?.[0] as string,
    async [Symbol.asyncDispose]() {
      app.kill();
      await once(app, "exit");
    },
  };
}

async function startPages(listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function titles(app: { url: string }, urls: string[]): Promise<Response> {
  const query = new URLSearchParams(urls.map((url) => ["url", url]));
  return fetch(`${app.url}/titles?${query.toString()}`);
}

test("the handler fetches the pages, two at a time, and answers in order", async () => {
  let open = 0;
  let most = 0;
  await using pages = await startPages((request, response) => {
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      response.end(`<title>Page ${request.url}</title>`);
    });
  });
  await using app = await startApp("30000");
  const response = await titles(
    app,
    ["/a", "/b", "/c", "/d"].map((path) => pages.url + path),
  );
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { titles: ["Page /a", "Page /b", "Page /c", "Page /d"] });
  assert.ok(most <= 2, `${most} at once`);
});

test("when the time is up, the answer is 504, and the requests under way are stopped", async () => {
  const closed = Promise.withResolvers<void>();
  await using pages = await startPages((request, response) => {
    if (request.url === "/quick") response.end("<title>Quick</title>");
    else request.socket.once("close", () => closed.resolve());
  });
  await using app = await startApp("1000");
  // The first request of a process loads what fetch is made of, which takes a part of the patience.
  assert.equal((await titles(app, [`${pages.url}/quick`])).status, 200);
  const response = await titles(app, [pages.url]);
  assert.equal(response.status, 504);
  assert.deepEqual(await response.json(), { error: "not all pages came within 1000 ms" });
  await closed.promise;
  // The app goes on as before.
  assert.equal((await titles(app, [])).status, 200);
});
