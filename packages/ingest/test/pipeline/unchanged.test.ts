import assert from "node:assert/strict";
import { rm, utimes, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { ingest, openStore, search, type Source } from "@tsyncio/ingest";
import { tree } from "../sources/tree.ts";
import { memorySource, ownParts } from "./parts.ts";

const corpus = { "docs/a.txt": "alpha", "docs/b.txt": "beta", "other/c.txt": "gamma" };

test("a second run does nothing, also after a file was touched; a changed file is done again, alone", async (t) => {
  const root = await tree(t, corpus);
  await using store = await openStore("sqlite::memory:");
  const again = (): Promise<[number, number]> =>
    ingest(root, { store, ...ownParts }).then(({ documents, unchanged }) => [documents, unchanged]);
  assert.deepEqual(await again(), [3, 0]);
  assert.deepEqual(await again(), [0, 3]);
  await utimes(`${root}/docs/a.txt`, new Date(2001, 1), new Date(2001, 1));
  assert.deepEqual(await again(), [0, 3]);
  await writeFile(`${root}/docs/a.txt`, "alpha, changed");
  assert.deepEqual(await again(), [1, 2]);
  assert.deepEqual((await store.status()).documents, 3);
  const hits = await search(store, "alpha", { mode: "text" });
  assert.deepEqual(
    hits.map(({ text }) => text),
    ["alpha, changed"],
  );
});

test("a part or an option that changes has everything done again", async () => {
  await using store = await openStore("sqlite::memory:");
  const source = memorySource("memory:", { a: "alpha", b: "beta" });
  const count = async (options: object): Promise<number> => (await ingest(source, { store, ...options })).documents;
  assert.equal(await count({}), 2);
  assert.equal(await count({}), 0);
  assert.equal(await count({ chunking: { maxTokens: 64 } }), 2);
  assert.equal(await count({ chunking: { maxTokens: 64 } }), 0);
  assert.equal(await count({ chunking: { maxTokens: 64 }, summarizer: ownParts.summarizer }), 2);
  assert.equal(await count({ chunking: { maxTokens: 64 }, summarizer: ownParts.summarizer }), 0);
});

test("the same file by several arguments is one document", async (t) => {
  const root = await tree(t, corpus);
  await using store = await openStore("sqlite::memory:");
  const report = await ingest([root, `${root}/docs`, `${root}/docs/a.txt`, `${root}/**/*.txt`], { store, ...ownParts });
  assert.deepEqual([report.documents, report.unchanged, report.refused], [3, 0, []]);
  const named = await ingest([`${root}/docs/a.txt`, `${root}/docs/a.txt`], { store, ...ownParts });
  assert.deepEqual([named.documents, named.unchanged], [0, 1]);
});

test("prune removes what vanished from the sources of this run, and nothing else", async (t) => {
  const root = await tree(t, corpus);
  await using store = await openStore("sqlite::memory:");
  await ingest([`${root}/docs`, `${root}/other`], { store, ...ownParts });
  await rm(`${root}/docs/a.txt`);
  await rm(`${root}/other/c.txt`);
  assert.deepEqual((await ingest(`${root}/docs`, { store, ...ownParts })).pruned, []);
  const report = await ingest(`${root}/docs`, { store, ...ownParts, prune: true });
  assert.deepEqual(report.pruned, [`${root}/docs/a.txt`]);
  assert.equal((await store.status()).documents, 2);
});

test("prune does not take an empty folder for a wish to remove everything", async (t) => {
  const root = await tree(t, corpus);
  await using store = await openStore("sqlite::memory:");
  await ingest(`${root}/docs`, { store, ...ownParts });
  await rm(`${root}/docs/a.txt`);
  await rm(`${root}/docs/b.txt`);
  await assert.rejects(ingest(`${root}/docs`, { store, ...ownParts, prune: true }), { code: "prune-all" });
  assert.equal((await store.status()).documents, 2);
});

test("prune leaves a source alone of which a folder could not be looked into", async () => {
  await using store = await openStore("sqlite::memory:");
  const source = memorySource("memory:", { a: "alpha", b: "beta" });
  await ingest(source, { store, ...ownParts });
  const refusal = { source: "memory:/below", stage: "get", reason: "permission denied" } as const;
  const unreadable: Source = {
    ...source,
    async *entries() {
      yield { source: refusal.source, origin: "memory:", mediaType: "inode/directory", read: async () => refusal };
    },
  };
  const warnings: string[] = [];
  const report = await ingest(unreadable, {
    store,
    ...ownParts,
    prune: true,
    onEvent: (event) => void (event.type === "warning" && warnings.push(event.message)),
  });
  assert.deepEqual([report.pruned, report.refused], [[], [refusal]]);
  assert.match(warnings.join(), /memory: was not pruned/);
  assert.equal((await store.status()).documents, 2);
});

test("a source that is missing has the others go in, prunes nothing, and fails the run", async (t) => {
  const root = await tree(t, corpus);
  await using store = await openStore("sqlite::memory:");
  await ingest(`${root}/docs`, { store, ...ownParts });
  await rm(`${root}/docs/a.txt`);
  const run = ingest([`${root}/missing`, `${root}/docs`, `${root}/other`], { store, ...ownParts, prune: true });
  await assert.rejects(run, { name: "SourceError", message: new RegExp(`${root}/missing does not exist`) });
  assert.equal((await store.status()).documents, 3);
});
