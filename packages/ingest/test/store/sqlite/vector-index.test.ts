import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as fc from "fast-check";
import { getLoadablePath } from "sqlite-vec";
import type { DocumentRecord } from "../../../src/model/document.ts";
import type { Store, StoreQuery } from "../../../src/model/interfaces.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { CONFIGURATION, record } from "../records.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const ask = (vector: Float32Array, k: number, source?: string): StoreQuery => ({
  text: "",
  vector,
  mode: "vector",
  k,
  filter: source === undefined ? undefined : { source },
});

test("the index and the comparison of all vectors give the same answers, scores and order, also with many ties", async () => {
  await using indexed = await openStore("sqlite::memory:");
  await using exact = await openStore("sqlite::memory:", { vectorIndex: "off" });
  const component = fc.integer({ min: -2, max: 2 });
  const vector = fc.tuple(component, component, component, component).map((values) => Float32Array.from(values));
  const document = fc.record({
    source: fc.constantFrom("/a", "/b", "/c/d", "/c/e"),
    vectors: fc.array(vector, { maxLength: 12 }),
  });
  for (const store of [indexed, exact]) await store.prepare(CONFIGURATION);
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { maxLength: 6 }),
      vector,
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      async (documents, wanted, k, moved) => {
        const records = documents.map(({ source, vectors }) =>
          record(
            source,
            vectors.map((_, index) => `text ${index}`),
            { vectors },
          ),
        );
        for (const store of [indexed, exact]) await store.save(records);
        // Moves everything into the index; without it, the newest vectors are beside it.
        if (moved) await indexed.reindex();
        for (const filter of [undefined, "/c/"]) {
          assert.deepEqual(await indexed.search(ask(wanted, k, filter)), await exact.search(ask(wanted, k, filter)));
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.equal((await indexed.status()).vectorSearch, "indexed");
});

test("more hits than the index can answer, and more ties, are still exact", async () => {
  await using store = await openStore("sqlite::memory:");
  await store.prepare(CONFIGURATION);
  const same = Float32Array.of(1, 2, 3, 4);
  const texts = Array.from({ length: 5000 }, (_, index) => `text ${index}`);
  await store.save([
    record("/docs/b", texts, { vectors: texts.map(() => same) }),
    record("/docs/a", ["last"], { vectors: [same] }),
  ]);
  assert.deepEqual(
    (await store.search(ask(same, 2))).map(({ text }) => text),
    ["last", "text 0"],
  );
  assert.equal((await store.search(ask(same, 6000))).length, 5001);
});

test("an index that misses rows, is gone, or was passed over by a process without the extension is built again", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  const vector = Float32Array.of(1, 0, 0, 0);
  const answers = async (): Promise<readonly [string, readonly string[]]> => {
    await using store = await openStore(path);
    return [(await store.status()).vectorSearch, (await store.search(ask(vector, 3))).map(({ source }) => source)];
  };
  const saveWith = async (vectorIndex: "auto" | "off", source: string): Promise<void> => {
    await using store = await openStore(path, { vectorIndex });
    await store.prepare(CONFIGURATION);
    await store.save([record(source, ["text"], { vectors: [vector] })]);
  };
  await saveWith("auto", "/docs/a");
  await saveWith("off", "/docs/b");
  assert.deepEqual(await answers(), ["indexed", ["/docs/a", "/docs/b"]]);

  assert.equal(rowsOf(path), 2);
  withExtension(path, "delete from vector_index where chunk = 1");
  assert.deepEqual(await answers(), ["indexed", ["/docs/a", "/docs/b"]]);

  withExtension(path, "drop table vector_index");
  assert.deepEqual(await answers(), ["indexed", ["/docs/a", "/docs/b"]]);

  withExtension(path, "update meta set value = '1' where name = 'vector_index'");
  assert.deepEqual(await answers(), ["indexed", ["/docs/a", "/docs/b"]], "as an earlier version wrote it");
  assert.equal(rowsOf(path), 2);

  await saveWith("off", "/docs/c");
  await using reader = await openStore(path, { readOnly: true });
  assert.equal((await reader.status()).vectorSearch, "exact", "a reader cannot build it, and compares all");
  assert.equal((await reader.search(ask(vector, 3))).length, 3);
});

const along = Float32Array.of(1, 0, 0, 0);

/** A document of so many chunks, whose vectors come ever closer to `along` as its number grows. */
function many(source: string, count: number): DocumentRecord {
  const texts = Array.from({ length: count }, (_, index) => `${source} ${index}`);
  return record(source, texts, { vectors: texts.map((_, index) => Float32Array.of(index, 1, 0, 0)) });
}

const best = async (store: Store): Promise<string | undefined> => (await store.search(ask(along, 1)))[0]?.text;

test("vectors that were saved since are found at once, and go into the index when they are many", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await using store = await openStore(path);
  await store.prepare(CONFIGURATION);
  await store.save([many("/few", 100)]);
  assert.equal(await best(store), "/few 99");
  assert.equal(rowsOf(path), 0, "few are compared");
  await store.save([many("/many", 2000)]);
  assert.equal(await best(store), "/many 1999");
  assert.equal(rowsOf(path), 2100);
  await store.save([many("/more", 3000)]);
  assert.equal((await store.search({ ...ask(along, 1), mode: "text", text: "more" })).length, 1);
  assert.equal(rowsOf(path), 2100, "no search for words waits for it");
  assert.equal(await best(store), "/more 2999");
  assert.equal(rowsOf(path), 5100);
});

test("chunks that take the place of the newest ones are found, also when those were in the index", async () => {
  await using store = await openStore("sqlite::memory:");
  await store.prepare(CONFIGURATION);
  await store.save([many("/docs/a", 10)]);
  await store.save([many("/docs/b", 10)]);
  await store.reindex();
  await store.save([many("/docs/b", 20)]);
  assert.equal(await best(store), "/docs/b 19");
  await store.prune("/docs", new Set(), { force: true });
  await store.save([many("/docs/c", 5)]);
  assert.equal(await best(store), "/docs/c 4");
  assert.equal((await store.search(ask(along, 100))).length, 5);
});

test("a search neither waits nor fails when it cannot move vectors into the index, because another process writes", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  await using store = await openStore(path, { busyTimeout: 60_000 });
  await store.prepare(CONFIGURATION);
  await store.save([many("/docs/a", 3000)]);
  const other = new DatabaseSync(path);
  other.exec("begin immediate");
  assert.equal(await best(store), "/docs/a 2999");
  other.exec("rollback");
  other.close();
  assert.equal(rowsOf(path), 0);
  assert.equal(await best(store), "/docs/a 2999");
  assert.equal(rowsOf(path), 3000);
});

test("a reader finds what is not in the index yet", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  {
    await using store = await openStore(path);
    await store.prepare(CONFIGURATION);
    await store.save([many("/docs/a", 2000)]);
  }
  await using reader = await openStore(path, { readOnly: true });
  assert.equal(await best(reader), "/docs/a 1999");
  assert.equal((await reader.status()).vectorSearch, "indexed");
});

/** How many vectors the index holds. */
function rowsOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const count = database.prepare("select count(*) as count from vector_index_rowids").get()?.["count"];
  database.close();
  return Number(count);
}

function withExtension(path: string, sql: string): void {
  const database = new DatabaseSync(path, { allowExtension: true });
  database.loadExtension(getLoadablePath());
  database.exec(sql);
  database.close();
}
