import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as fc from "fast-check";
import { getLoadablePath } from "sqlite-vec";
import type { StoreQuery } from "../../../src/model/interfaces.ts";
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
      async (documents, wanted, k) => {
        const records = documents.map(({ source, vectors }) =>
          record(
            source,
            vectors.map((_, index) => `text ${index}`),
            { vectors },
          ),
        );
        for (const store of [indexed, exact]) await store.save(records);
        for (const filter of [undefined, "/c/"]) {
          assert.deepEqual(await indexed.search(ask(wanted, k, filter)), await exact.search(ask(wanted, k, filter)));
        }
      },
    ),
    { numRuns: 40 },
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

  withExtension(path, "delete from vector_index where chunk = 1");
  assert.deepEqual(await answers(), ["indexed", ["/docs/a", "/docs/b"]]);

  withExtension(path, "drop table vector_index");
  assert.deepEqual(await answers(), ["indexed", ["/docs/a", "/docs/b"]]);

  await saveWith("off", "/docs/c");
  await using reader = await openStore(path, { readOnly: true });
  assert.equal((await reader.status()).vectorSearch, "exact", "a reader cannot build it, and compares all");
  assert.equal((await reader.search(ask(vector, 3))).length, 3);
});

function withExtension(path: string, sql: string): void {
  const database = new DatabaseSync(path, { allowExtension: true });
  database.loadExtension(getLoadablePath());
  database.exec(sql);
  database.close();
}
