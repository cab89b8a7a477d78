import assert from "node:assert/strict";
import { test } from "node:test";
import { type DocumentRecord, ingest, openStore, type Parser, search, type Store } from "@tsyncio/ingest";
import { tree } from "../sources/tree.ts";
import { contentsOf } from "./contents.ts";
import { firstWords, letterEmbedder, letters, lineChunker, memorySource, ownParts, wordCount } from "./parts.ts";

test("a source of one's own brings its documents in", async () => {
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(memorySource("notes:", { monday: "Met a heron.", tuesday: "Fed a stork." }), { store });
  assert.equal(report.documents, 2);
  const [hit] = await search(store, "heron");
  assert.deepEqual([hit?.source, hit?.text], ["notes:/monday", "Met a heron."]);
});

test("a parser of one's own reads a format that the others do not know, and they read the rest", async (t) => {
  const root = await tree(t, { "birds.csv": "name,legs\nheron,2\n", "page.txt": "A stork.\n" });
  const commaSeparated: Parser = {
    fingerprint: "csv/1",
    accepts: (mediaType) => mediaType === "text/csv",
    parse: async ({ bytes }) => {
      const [head = "", ...rows] = new TextDecoder().decode(bytes).trim().split("\n");
      const names = head.split(",");
      const describe = (row: string): string =>
        row
          .split(",")
          .map((cell, at) => `${names[at]}: ${cell}`)
          .join("; ");
      return { title: "A table", text: rows.map(describe).join("\n"), blocks: [], links: [], metadata: {} };
    },
  };
  await using store = await openStore("sqlite::memory:");
  const csv = memorySource("table:", {});
  const source = {
    ...csv,
    async *documents() {
      for await (const document of memorySource("table:", { birds: "name,legs\nheron,2\n" }).documents()) {
        yield { ...document, mediaType: "text/csv" };
      }
    },
  };
  const unread = await ingest(source, { store });
  assert.match(unread.refused[0]?.reason ?? "", /no parser reads documents of the type text\/csv/);
  const report = await ingest(source, { store, parsers: [commaSeparated] });
  assert.deepEqual([report.documents, report.refused], [1, []]);
  assert.equal((await search(store, "heron"))[0]?.text, "name: heron; legs: 2");
  assert.deepEqual(await store.errors(), []);
  assert.equal((await ingest(`${root}/page.txt`, { store })).documents, 1);
});

test("chunker, embedder, summariser and extractor of one's own make the record", async (t) => {
  const root = await tree(t, { "a.txt": "a cab\nbad bed\n" });
  const path = `${root}/index.db`;
  await using store = await openStore(path);
  const parts = { chunker: lineChunker, embedder: letterEmbedder, summarizer: firstWords, extractor: wordCount };
  await ingest(`${root}/a.txt`, { store, ...parts });
  await store.close();
  const { documents, passages } = contentsOf(path) as {
    documents: readonly Record<string, unknown>[];
    passages: readonly Record<string, unknown>[];
  };
  assert.deepEqual([documents[0]?.["summary"], documents[0]?.["facts"]], ["a cab bad", '{"words":5}']);
  assert.deepEqual(
    passages.map((row) => [row["text"], row["name"], row["vector"]]),
    ["a cab", "bad bed"].map((text) => [text, "letters/1", hex(letters(text))]),
  );
});

test("a search with the embedder of the documents compares vectors; one with another says what is wrong", async () => {
  await using store = await openStore("sqlite::memory:");
  await ingest(memorySource("memory:", { a: "aaaa", b: "bbbb" }), { store, ...ownParts });
  const [hit] = await search(store, "bb", { mode: "vector", embedder: letterEmbedder });
  assert.equal(hit?.source, "memory:/b");
  await assert.rejects(search(store, "bb", { mode: "vector" }), /dimensions|embedder/);
});

test("a store of one's own gets whole documents", async () => {
  await using memory = await openStore("sqlite::memory:");
  const saved: DocumentRecord[] = [];
  const store: Store = Object.assign(Object.create(memory) as Store, {
    address: "array:",
    lockForIngest: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    prepare: async () => ({ stale: 0 }),
    known: async () => new Map(),
    save: async (documents: readonly DocumentRecord[]) => {
      saved.push(...documents);
      return documents.map(({ source }) => ({ source, error: undefined }));
    },
  });
  await ingest(memorySource("memory:", { a: "alpha\nbeta" }), { store, ...ownParts });
  assert.deepEqual(
    saved.map(({ source, bytes, title, chunks, vectors }) => [source, bytes, title, chunks.length, vectors.length]),
    [["memory:/a", 10, "alpha", 2, 2]],
  );
});

function hex(vector: Float32Array): string {
  return Buffer.from(vector.buffer).toString("hex").toUpperCase();
}
