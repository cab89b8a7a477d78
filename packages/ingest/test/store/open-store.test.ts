import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { StoreQuery } from "../../src/model/interfaces.ts";
import { openStore } from "../../src/store/open-store.ts";
import { CONFIGURATION, record } from "./records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const QUERY: StoreQuery = { text: "heron", vector: undefined, mode: "text", k: 10, filter: undefined };

async function storeWith(path: string, documents: number): Promise<void> {
  await using store = await openStore(path);
  await store.prepare(CONFIGURATION);
  await store.save(
    Array.from({ length: documents }, (_, index) => record(`/docs/${index}`, [`heron ${index}`, "crane"])),
  );
}

test("a store makes the folders above it, and is there when it is opened again", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "not/yet/there/index.db");
  await storeWith(`sqlite:${path}`, 3);
  assert.ok(!existsSync(`${path}-wal`), "closing moves everything into the one file");
  await using store = await openStore(path);
  assert.equal(store.address, `sqlite:${path}`);
  assert.equal((await store.status()).documents, 3);
  assert.equal((await store.search(QUERY)).length, 3);
});

test("a store made by a newer version is refused, with both versions, and not changed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await storeWith(path, 1);
  change(path, "pragma user_version = 41");
  const before = await readFile(path);
  await assert.rejects(openStore(path), { code: "newer", message: /its format is 41, this version knows up to 2/u });
  assert.deepEqual(await readFile(path), before);
});

test("a file that is no database is refused, and not changed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "letter.txt");
  await writeFile(path, "Dear reader, this is not a database. ".repeat(100));
  const before = await readFile(path);
  await assert.rejects(openStore(path), { code: "not-a-store", message: /is not a SQLite database.*move the file/u });
  assert.deepEqual(await readFile(path), before);
});

test("the database of another program is refused, and not changed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "bookmarks.db");
  change(path, "create table bookmarks (url text)");
  const before = await readFile(path);
  await assert.rejects(openStore(path), { code: "not-a-store", message: /another program/u });
  assert.deepEqual(await readFile(path), before);
});

test("a folder in the place of the store, or a file in the place of its folder, is a clear error", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "folder"));
  await assert.rejects(openStore(join(folder.path, "folder")), { code: "cannot-open" });
  await writeFile(join(folder.path, "file"), "");
  await assert.rejects(openStore(join(folder.path, "file/index.db")), { code: "cannot-open" });
});

test("a store whose middle is overwritten says that it is damaged, and what to do", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await storeWith(path, 300);
  const file = await open(path, "r+");
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 8192, 0xa5), 0, size - 8192, 8192);
  await file.close();
  const use = async (): Promise<void> => {
    await using store = await openStore(path);
    await store.search(QUERY);
  };
  await assert.rejects(use(), { code: "damaged", message: /Restore a copy, or move the file/u });
});

test("a store whose end is cut off says that it is damaged", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await storeWith(path, 300);
  const file = await open(path, "r+");
  await file.truncate(5000);
  await file.close();
  const use = async (): Promise<void> => {
    await using store = await openStore(path);
    await store.status();
  };
  await assert.rejects(use(), { code: "damaged" });
});

test("a read-only store answers, and refuses to change", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await storeWith(path, 2);
  await using store = await openStore(path, { readOnly: true });
  assert.equal((await store.search(QUERY)).length, 2);
  const [outcome] = await store.save([record("/docs/new", ["heron"])]);
  assert.equal((outcome?.error as { code?: string } | undefined)?.code, "read-only");
  await assert.rejects(store.lockForIngest(), { code: "read-only" });
  await assert.rejects(openStore(join(folder.path, "none.db"), { readOnly: true }), { code: "cannot-open" });
});

test("a database that another process keeps locked is waited for, then named as locked, and works again later", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await storeWith(path, 1);
  await using store = await openStore(path, { busyTimeout: 20 });
  const other = new DatabaseSync(path);
  other.exec("begin immediate");
  const outcomes = await store.save([record("/docs/a", ["heron"]), record("/docs/b", ["heron"])]);
  assert.deepEqual(
    outcomes.map(({ error }) => (error as { code?: string } | undefined)?.code),
    ["locked", "locked"],
  );
  assert.equal((await store.search(QUERY)).length, 1, "reading goes on");
  other.exec("rollback");
  other.close();
  const [again] = await store.save([record("/docs/a", ["heron"])]);
  assert.equal(again?.error, undefined);
});

test("on a full disk only the document that does not fit is reported, and what is in stays", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  {
    await using store = await openStore(path, { maxPages: 120 });
    await store.prepare(CONFIGURATION);
    const huge = record("/docs/huge", ["abcdefgh ".repeat(200_000)]);
    const outcomes = await store.save([record("/docs/a", ["heron"]), huge, record("/docs/b", ["heron"])]);
    assert.deepEqual(
      outcomes.map(({ source, error }) => [source, (error as { code?: string } | undefined)?.code]),
      [
        ["/docs/a", undefined],
        ["/docs/huge", "full"],
        ["/docs/b", undefined],
      ],
    );
  }
  await using store = await openStore(path);
  assert.deepEqual(
    (await store.search(QUERY)).map(({ source }) => source),
    ["/docs/a", "/docs/b"],
  );
  checkIntegrity(path);
});

test("without the vector extension, it is said once", async () => {
  const notices: string[] = [];
  await using store = await openStore("sqlite::memory:", {
    vectorIndex: "off",
    onNotice: (notice) => notices.push(notice),
  });
  assert.equal((await store.status()).vectorSearch, "exact");
  assert.deepEqual(
    notices.map((notice) => notice.includes("one by one")),
    [true],
  );
});

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function checkIntegrity(path: string): void {
  const database = new DatabaseSync(path);
  assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
  database.close();
}
