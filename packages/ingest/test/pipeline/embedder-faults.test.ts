import assert from "node:assert/strict";
import { test } from "node:test";
import { type Embedder, ingest, openStore } from "@tsyncio/ingest";
import { sleepForever } from "tsyncio";
import { contentsOf } from "./contents.ts";
import { letterEmbedder, letters, memorySource, ownParts } from "./parts.ts";
import { tree } from "../sources/tree.ts";

const corpus = { a: "a cab\na bed", bad: "poison\nb\nc\nd", c: "a dab", d: "abba\nbaba\ncab" };

/** Ingests the corpus with an embedder that goes wrong for the text "poison", and answers why what was refused. */
async function refusals(
  t: Parameters<typeof tree>[0],
  answer: (vectors: Float32Array[], poisoned: number) => unknown,
  limits = {},
): Promise<readonly string[]> {
  const embedder: Embedder = {
    ...letterEmbedder,
    embed: async (texts) => {
      const poisoned = texts.indexOf("poison");
      const vectors = texts.map(letters);
      return (poisoned === -1 ? vectors : await answer(vectors, poisoned)) as Float32Array[];
    },
  };
  // Texts as they are, so that the embedder knows them again.
  const untitled = { ...ownParts.parsers[0], parse: async (raw: { bytes: Uint8Array }) => parsed(raw.bytes) };
  const parsers = [untitled as (typeof ownParts.parsers)[number]];
  const path = `${await tree(t, {})}/index.db`;
  await using store = await openStore(path);
  const report = await ingest(memorySource("memory:", corpus), { store, ...ownParts, parsers, embedder, limits });
  assert.deepEqual([report.documents, report.chunks], [3, 6]);
  assert.deepEqual(
    report.refused.map(({ source, stage }) => [source, stage]),
    [["memory:/bad", "embed"]],
  );
  for (const row of contentsOf(path).passages as { text: string; vector: string }[]) {
    assert.equal(row.vector, Buffer.from(letters(row.text).buffer).toString("hex").toUpperCase());
  }
  return report.refused.map(({ reason }) => reason);
}

function parsed(bytes: Uint8Array): object {
  return { title: undefined, text: new TextDecoder().decode(bytes), blocks: [], links: [], metadata: {} };
}

test("an embedder that answers too few vectors costs the document at fault, and no other of the same call", async (t) => {
  assert.match((await refusals(t, (vectors) => vectors.slice(1))).join(), /gave 3 vectors for 4 texts/);
});

test("a vector of a wrong dimension refuses its document", async (t) => {
  const reasons = await refusals(t, (vectors, at) => vectors.with(at, new Float32Array(3)));
  assert.match(reasons.join(), /3 dimensions instead of 4/);
});

test("a vector with a number that is not finite refuses its document", async (t) => {
  const reasons = await refusals(t, (vectors, at) => vectors.with(at, Float32Array.of(1, Number.NaN, 1, 1)));
  assert.match(reasons.join(), /not finite/);
});

test("an answer that is no list of vectors refuses its document", async (t) => {
  assert.match((await refusals(t, () => undefined)).join(), /no array/);
  const reasons = await refusals(t, (vectors, at) => vectors.with(at, [1, 2, 3, 4] as never));
  assert.match(reasons.join(), /no Float32Array/);
});

test("an embedder that throws refuses the document at fault with what it said", async (t) => {
  const reasons = await refusals(t, () => Promise.reject(new Error("status 400: that text is not allowed")));
  assert.deepEqual(reasons, ["status 400: that text is not allowed"]);
});

test("an embedder that does not answer is given up, and the run ends", async (t) => {
  const reasons = await refusals(t, () => sleepForever(), { stageTime: "50ms", embed: 1 });
  assert.match(reasons.join(), /longer than 50ms.*limits\.stageTime/);
});

test("an embedder that fails for everything refuses every document, and crashes nothing", async () => {
  const embed = (): Promise<never> => Promise.reject(new Error("no connection"));
  await using store = await openStore("sqlite::memory:");
  const embedder = { ...letterEmbedder, batch: { items: 2, tokens: 1000 }, embed };
  const report = await ingest(memorySource("memory:", corpus), { store, ...ownParts, embedder });
  assert.deepEqual([report.documents, report.refused.length], [0, 4]);
  assert.equal((await store.errors()).length, 4);
});
