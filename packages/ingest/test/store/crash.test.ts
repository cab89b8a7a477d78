import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openStore } from "../../src/store/open-store.ts";
import { runChild } from "./child-process.ts";
import { CONFIGURATION, record, seeded } from "./records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

interface Acknowledged {
  readonly source: string;
  readonly version: number;
}

/** Reads acknowledgements until `stop`, kills the process as hard as can be, and reads what it had still said. */
async function killAfter(path: string, name: string, seed: number, stop: number): Promise<Map<string, number>> {
  const child = runChild("saving-child.ts", [path, name, String(seed)]);
  const newest = new Map<string, number>();
  let count = 0;
  for await (const line of child.lines) {
    // Only a whole line was said.
    if (!line.endsWith("}")) continue;
    const { source, version } = JSON.parse(line) as Acknowledged;
    newest.set(source, version);
    if (++count === stop) child.process.kill("SIGKILL");
  }
  assert.equal(await child.ended(), "SIGKILL", child.errors());
  return newest;
}

/** What was acknowledged is in, in that version or a later one that was under way; and nothing is half. */
function assertWhole(path: string, newest: ReadonlyMap<string, number>): void {
  const database = new DatabaseSync(path);
  assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
  assert.deepEqual(database.prepare("pragma foreign_key_check").all(), []);
  const documents = database.prepare("select id, source, facts from documents").all();
  const chunksOf = database.prepare(
    `select count(*) as chunks, count(vectors.chunk) as vectors, sum(instr(text, ?)) as positions
     from chunks left join vectors on vectors.chunk = chunks.id where document = ?`,
  );
  const versions = new Map<unknown, number>();
  for (const { id, source, facts } of documents) {
    const said = JSON.parse(String(facts)) as { version: number; chunks: number };
    const expected = { chunks: said.chunks, vectors: said.chunks, positions: said.chunks };
    assert.deepEqual(
      { ...chunksOf.get(`${String(source)} version${said.version} `, id ?? 0) },
      expected,
      String(source),
    );
    versions.set(source, said.version);
  }
  for (const [source, version] of newest) {
    assert.ok(
      (versions.get(source) ?? 0) >= version,
      `${source}: version ${version} was acknowledged, ${versions.get(source)} is in`,
    );
  }
  const count = (sql: string): unknown => database.prepare(sql).get()?.["count"];
  assert.equal(
    count("select count(*) as count from chunk_text where chunk_text match 'heron'"),
    count("select count(*) as count from chunks"),
  );
  database.close();
}

test("a process killed at random moments loses nothing that it had acknowledged, and leaves no half document", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  const random = seeded(20_261_122);
  const newest = new Map<string, number>();
  for (let round = 0; round < 8; round++) {
    const stop = 1 + Math.floor(random() * 400);
    for (const [source, version] of await killAfter(path, `round${round}`, round, stop)) newest.set(source, version);
    assertWhole(path, newest);
  }
  await using store = await openStore(path);
  assert.deepEqual(await store.prepare(CONFIGURATION), { stale: 0 });
  const [outcome] = await store.save([record("/after", ["heron"])]);
  assert.equal(outcome?.error, undefined);
  assert.equal((await store.status()).vectorSearch, "indexed");
});

test("a process killed while vectors go from the table into the index leaves an index that answers as the table does", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  const random = seeded(20_261_123);
  let moved = 0;
  for (let round = 0; round < 4; round++) {
    await killAfter(path, `round${round}`, round, 200 + Math.floor(random() * 500));
    const { through, inIndex, wanted } = indexOf(path);
    // Not repaired by anybody yet: what the killed process left is already right.
    assert.equal(inIndex, wanted, `of the chunks up to ${through}`);
    moved += through;
    await using indexed = await openStore(path);
    await using exact = await openStore(path, { readOnly: true, vectorIndex: "off" });
    assert.equal((await indexed.status()).vectorSearch, "indexed");
    for (let question = 0; question < 5; question++) {
      const vector = Float32Array.from({ length: 4 }, () => random() - 0.5);
      const query = { text: "", vector, mode: "vector", k: 20, filter: undefined } as const;
      assert.deepEqual(await indexed.search(query), await exact.search(query));
    }
  }
  assert.ok(moved > 0, "no process was killed after it had moved anything: this test tests nothing");
});

/** What is in the index, and what should be: the vectors of all chunks up to the one that it was moved to. */
function indexOf(path: string): { readonly through: number; readonly inIndex: number; readonly wanted: number } {
  const database = new DatabaseSync(path);
  const count = (sql: string): number => Number(database.prepare(sql).get()?.["count"]);
  const held = String(database.prepare("select value from meta where name = 'vector_index'").get()?.["value"]);
  const through = Number(held.split(":")[1]);
  const inIndex = count("select count(*) as count from vector_index_rowids");
  const both = count(
    "select count(*) as count from vector_index_rowids join vectors on vectors.chunk = vector_index_rowids.rowid",
  );
  const wanted = count(`select count(*) as count from vectors where norm > 0 and chunk <= ${through}`);
  database.close();
  assert.equal(both, inIndex, "the index holds rows of chunks that are gone");
  return { through, inIndex, wanted };
}

test("two processes that save into one store at once both get everything in", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "index.db");
  const both = await Promise.all([killAfter(path, "left", 1, 150), killAfter(path, "right", 2, 150)]);
  assertWhole(path, new Map(both.flatMap((newest) => Array.from(newest))));
});
