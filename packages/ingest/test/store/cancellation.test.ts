import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { cancelScope, checkpoint, createTask, isCancelled, run } from "tsyncio";
import { openStore } from "../../src/store/open-store.ts";
import { CONFIGURATION, record } from "./records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Keeps the store's thread from writing, so that a request is surely under way. */
function holdUp(path: string): Disposable {
  const database = new DatabaseSync(path);
  database.exec("begin immediate");
  return {
    [Symbol.dispose]: () => {
      database.exec("rollback");
      database.close();
    },
  };
}

test("a cancelled save stops waiting at once, and its document goes in whole", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await run(async () => {
    await using store = await openStore(path, { busyTimeout: 60_000 });
    await store.prepare(CONFIGURATION);
    {
      using _held = holdUp(path);
      const task = createTask(() => store.save([record("/docs/a", ["heron", "crane"])]));
      await checkpoint();
      await task.cancelAndWait();
      assert.ok(task.cancelled());
    }
    const others = await store.save([record("/docs/b", ["heron"])]);
    assert.equal(others[0]?.error, undefined);
    const { documents, chunks } = await store.status();
    assert.deepEqual({ documents, chunks }, { documents: 2, chunks: 3 });
  });
});

test("an ingest lock that arrives when nobody waits any more is given back", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await run(async () => {
    await using store = await openStore(path, { busyTimeout: 60_000 });
    {
      using _held = holdUp(path);
      const task = createTask(() => store.lockForIngest());
      await checkpoint();
      await task.cancelAndWait();
    }
    await store.status();
    await using _lock = await store.lockForIngest();
  });
});

test("in a cancelled scope nothing new is asked, but the lock is released and the store is closed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await run(async () => {
    await cancelScope(async (scope) => {
      await using store = await openStore(path);
      await using _lock = await store.lockForIngest();
      await store.prepare(CONFIGURATION);
      scope.cancel();
      await assert.rejects(store.save([record("/docs/a", ["heron"])]), isCancelled);
    });
    assert.ok(!existsSync(`${path}-wal`), "closed");
    await using store = await openStore(path);
    assert.equal((await store.status()).documents, 0);
    await using _lock = await store.lockForIngest();
  });
});

test("a store whose opening was cancelled is closed again", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await run(async () => {
    const task = createTask(() => openStore(path));
    await checkpoint();
    await task.cancelAndWait();
    await using store = await openStore(path);
    assert.equal((await store.status()).documents, 0);
  });
});
