import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { test, type TestContext } from "node:test";
import { folder, jsonLines, runCommand, startCommand } from "./run-command.ts";

/** A server on loopback; answers its address, such as `http://127.0.0.1:4321`. */
async function server(t: TestContext, listener: RequestListener): Promise<string> {
  const http = createServer(listener).listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** `/ok/…` answers its path, `/missing/…` 404, `/never/…` nothing; `/flaky/N` fails N times. */
function paths(): RequestListener {
  const failures = new Map<string, number>();
  return ({ url = "" }, response) => {
    if (url.startsWith("/never")) return;
    if (url.startsWith("/half")) {
      response.writeHead(200, { "content-length": "1000" }).write("half");
      setImmediate(() => response.destroy());
      return;
    }
    const failed = failures.get(url) ?? 0;
    failures.set(url, failed + 1);
    if (url.startsWith("/flaky") && failed < Number(url.split("/")[2])) response.writeHead(503);
    else if (url.startsWith("/missing")) response.writeHead(404);
    response.end(`content of ${url}`);
  };
}

test("fetch prints a line for each URL, and a summary", async (t) => {
  const base = await server(t, paths());
  const { status, stdout, stderr } = await runCommand(["fetch", `${base}/ok/1`, `${base}/ok/2`]);
  assert.deepEqual([status, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  for (const path of ["/ok/1", "/ok/2"]) {
    assert.ok(
      lines.some((line) => /^200 +16 B +\S+ m?s {2}http/.test(line) && line.endsWith(path)),
      stdout,
    );
  }
  assert.equal(lines[2], "2 fetched, 0 failed");
});

test("fetch ends with 3 when some URLs failed, with 1 when all did, and says why", async (t) => {
  const base = await server(t, paths());
  const some = await runCommand(["fetch", `${base}/ok/1`, `${base}/missing/2`, "--retry", "0", "--json"]);
  assert.equal(some.status, 3);
  const lines = jsonLines(some.stdout);
  assert.deepEqual(lines.at(-1), { type: "done", fetched: 1, failed: 1 });
  const missing = lines.find(({ url }) => String(url).endsWith("/missing/2"));
  const { elapsed, ...response } = missing ?? {};
  assert.equal(typeof elapsed, "number");
  assert.deepEqual(response, { type: "response", ok: false, url: `${base}/missing/2`, status: 404, bytes: 21 });
  const nobody = "http://127.0.0.1:1/";
  const all = await runCommand(["fetch", nobody, `${base}/never/1`, "--retry", "0", "--timeout", "300ms", "--json"]);
  assert.equal(all.status, 1);
  const errors = new Map(jsonLines(all.stdout).map(({ url, error }) => [url, String(error)]));
  assert.match(errors.get(nobody) ?? "", /ECONNREFUSED/);
  assert.match(errors.get(`${base}/never/1`) ?? "", /within 30\d ms/);
});

test("fetch has at most --limit requests under way", async (t) => {
  let now = 0;
  let most = 0;
  const base = await server(t, (_request, response) => {
    most = Math.max(most, (now += 1));
    response.on("close", () => (now -= 1));
    setTimeout(() => response.end("x"), 5);
  });
  const urls = Array.from({ length: 20 }, (_, n) => `${base}/${n}`);
  const { status, stdout } = await runCommand(["fetch", ...urls, "--limit", "3"]);
  assert.equal(status, 0);
  assert.match(stdout, /20 fetched, 0 failed\n$/);
  assert.ok(most > 1 && most <= 3, `${most} at once`);
});

test("fetch tries again as often as --retry says", async (t) => {
  const base = await server(t, paths());
  const twice = await runCommand(["fetch", `${base}/flaky/2`, "--retry", "2"]);
  assert.deepEqual([twice.status, twice.stdout.startsWith("200")], [0, true], twice.stdout);
  const once = await runCommand(["fetch", `${base}/flaky/9`, "--retry", "0"]);
  assert.deepEqual([once.status, once.stdout.startsWith("503")], [1, true], once.stdout);
});

test("fetch --output saves each body under a name of its own, whole or not at all", async (t) => {
  const base = await server(t, paths());
  const root = await folder(t);
  const urls = ["/ok/a", "/ok/a", "/ok/a.2", "/ok/b?c=d/../e", "/missing/x", "/half/x"].map((path) => base + path);
  const { status, stdout } = await runCommand(["fetch", ...urls, "--output", "out/deep", "--retry", "0", "--json"], {
    cwd: root,
  });
  assert.equal(status, 3);
  const files = jsonLines(stdout).flatMap(({ file }) => (typeof file === "string" ? [file] : []));
  assert.deepEqual(files.map((file) => basename(file)).toSorted(), (await readdir(`${root}/out/deep`)).toSorted());
  assert.equal(new Set(files).size, 4);
  const contents = await Promise.all(files.map((file) => readFile(`${root}/${file}`, "utf8")));
  assert.deepEqual(contents.toSorted(), [
    "content of /ok/a",
    "content of /ok/a",
    "content of /ok/a.2",
    "content of /ok/b?c=d/../e",
  ]);
});

test("what is no http URL is wrong usage, and a password is never printed", async (t) => {
  const base = await server(t, paths());
  for (const url of ["nonsense", "ftp://me:secret@host/file", "http://"]) {
    const { status, stdout, stderr } = await runCommand(["fetch", url]);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^error: expected an http or https URL, got /);
    assert.doesNotMatch(stderr, /secret/);
  }
  const withPassword = (path: string): string => base.replace("//", "//me:secret@") + path;
  const { stdout, stderr } = await runCommand([
    "fetch",
    ...["/ok/1", "/missing/1", "/half/1"].map(withPassword),
    "http://me:secret@127.0.0.1:1/",
    "--retry",
    "0",
  ]);
  assert.doesNotMatch(stdout + stderr, /secret/);
  assert.match(stdout, /1 fetched, 3 failed/);
  const wrong = await runCommand(["fetch", base, "--timeout", "soon"]);
  assert.equal(wrong.status, 2);
});

test("SIGINT ends a fetch at once, by that signal, without half a file", async (t) => {
  const root = await folder(t);
  const running: ReturnType<typeof startCommand>[] = [];
  const base = await server(t, (_request, response) => {
    response.write("the first half");
    for (const command of running) command.process.kill("SIGINT");
  });
  const fetching = startCommand(["fetch", `${base}/slow`, "--output", "out"], { cwd: root });
  running.push(fetching);
  const { status, stderr } = await fetching.ended;
  assert.deepEqual([status, stderr], ["SIGINT", ""]);
  assert.deepEqual(await readdir(`${root}/out`), []);
});
