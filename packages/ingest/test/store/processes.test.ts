import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openStore } from "../../src/store/open-store.ts";
import { runChild } from "./child-process.ts";
import { CONFIGURATION, record } from "./records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("a second ingest is told which process ingests and since when, and takes over when that one was killed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  const child = runChild("lock-child.ts", [path]);
  assert.equal((await child.lines.next()).value, "locked", child.errors());
  await using store = await openStore(path);
  const message = new RegExp(`running: process ${child.process.pid}, since \\d{4}-\\d\\d-\\d\\dT`, "u");
  await assert.rejects(store.lockForIngest(), { code: "ingest-running", message });
  await store.prepare(CONFIGURATION);
  child.process.kill("SIGKILL");
  await child.ended();
  await using _lock = await store.lockForIngest();
});

test("an open store that nobody asks anything does not keep the process alive, and prints nothing", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  const child = runChild("idle-child.ts", [path]);
  assert.equal((await child.lines.next()).value, "1", child.errors());
  assert.equal(await child.ended(), 0);
  assert.equal(child.errors(), "");
  await using store = await openStore(path);
  assert.equal((await store.status()).documents, 1);
});

test(
  "a store that the user may not write to can be searched, and refuses to change",
  { skip: process.platform === "win32" },
  async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "index.db");
    {
      await using store = await openStore(path);
      await store.prepare(CONFIGURATION);
      await store.save([record("/docs/a", ["heron"])]);
    }
    await chmod(path, 0o444);
    await chmod(folder.path, 0o555);
    // Root may write anywhere, so it tries as nobody.
    const child = runChild("reading-child.ts", [path], process.getuid?.() === 0 ? { uid: 65_534 } : {});
    const answer: IteratorResult<string, undefined> = await child.lines.next();
    await chmod(folder.path, 0o755);
    assert.deepEqual(JSON.parse(answer.value ?? JSON.stringify(child.errors())), { hits: 1, code: "read-only" });
    assert.equal(await child.ended(), 0);
  },
);
