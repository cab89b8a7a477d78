import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, open, readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { promisify } from "node:util";
import { birds, type Ended, folder, runCommand, startCommand } from "./run-command.ts";

const execute = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** Failed with one clear message, and no stack trace. */
function assertFailed({ status, stderr }: Ended, message: RegExp): void {
  assert.equal(status, 1, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /^ {4}at |Error:/m);
}

test("a store that another process keeps locked", async (t) => {
  const root = await folder(t, birds);
  const path = `${root}/index.db`;
  await runCommand(["ingest", "docs", "--store", path], { cwd: root });
  using holder = new DatabaseSync(path);
  holder.exec("begin immediate");
  assertFailed(
    await runCommand(["ingest", "docs", "--store", path], { cwd: root }),
    /^tsyncio: sqlite:.*index\.db is locked by another process.*run again$/m,
  );
  const found = await runCommand(["search", "heron", "--store", path]);
  assert.equal(found.status, 0, "searching goes on meanwhile");
});

test("a store that is read-only can be searched, and not ingested into", async (t) => {
  const root = await folder(t, birds);
  const path = `${root}/index.db`;
  await runCommand(["ingest", "docs", "--store", path], { cwd: root });
  await chmod(root, 0o755);
  await chmod(path, 0o444);
  const options = { cwd: root, ...(isRoot ? { uid: 65_534 } : {}), env: { NODE_COMPILE_CACHE: "" } };
  assertFailed(
    await runCommand(["ingest", "docs", "--store", path], options),
    /^tsyncio: sqlite:.*index\.db cannot be written.*Check the permissions/m,
  );
  const found = await runCommand(["search", "heron", "--store", path], options);
  assert.equal(found.status, 0, found.stderr);
  assert.match(found.stdout, /Herons/);
});

test("a store on a full disk", { skip: !isRoot && "only root can make a small disk" }, async (t) => {
  const root = await folder(t);
  const mounted = await execute("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", root]).then(
    () => true,
    () => false,
  );
  if (!mounted) return t.skip("no disk can be mounted here");
  try {
    const docs = await folder(
      t,
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}.txt`, `heron ${n} `.repeat(1500)])),
    );
    assertFailed(
      await runCommand(["ingest", docs, "--store", `${root}/index.db`]),
      /^tsyncio: sqlite:.*index\.db .*(the disk is full|could not be read or written).*$/m,
    );
    const status = await runCommand(["status", "--store", `${root}/index.db`, "--json"]);
    assert.equal(status.status, 0, status.stderr);
  } finally {
    await execute("umount", [root]);
  }
});

test("a store that is damaged is left as it is", async (t) => {
  const root = await folder(t, birds);
  const path = `${root}/index.db`;
  await runCommand(["ingest", "docs", "--store", path], { cwd: root });
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
  const before = await readFile(path);
  for (const command of [
    ["ingest", "docs"],
    ["search", "heron"],
  ]) {
    const result = await runCommand([...command, "--store", path], { cwd: root });
    assertFailed(result, /^tsyncio: sqlite:.*index\.db is damaged.*Nothing was changed\. Restore a copy/m);
  }
  assert.deepEqual(await readFile(path), before);
});

test("a store that a newer version has made", async (t) => {
  const root = await folder(t, birds);
  const path = `${root}/index.db`;
  await runCommand(["ingest", "docs", "--store", path], { cwd: root });
  {
    using database = new DatabaseSync(path);
    database.exec("pragma user_version = 99");
  }
  for (const command of [["ingest", "docs"], ["search", "heron"], ["status"]]) {
    const result = await runCommand([...command, "--store", path], { cwd: root });
    assertFailed(result, /was made by a newer version.*its format is 99.*Update @tsyncio\/ingest/);
  }
});

test("a second ingest into the same store fails and names the first one's process", async (t) => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`docs/${n}.txt`, `heron ${n}`]));
  const root = await folder(t, files);
  const first = startCommand(["ingest", "docs", "--json"], { cwd: root });
  const second = await new Promise<Ended>((resolve, reject) => {
    let asked = false;
    first.onLine(() => {
      if (asked) return;
      asked = true;
      // It stands still, so that it is surely still at it.
      first.process.kill("SIGSTOP");
      runCommand(["ingest", "docs"], { cwd: root }).then(resolve, reject);
    });
  });
  first.process.kill("SIGCONT");
  assertFailed(
    second,
    new RegExp(`^tsyncio: another ingest into .* is running: process ${first.process.pid}, since .*Wait for it`, "m"),
  );
  assert.equal((await first.ended).status, 0);
});
