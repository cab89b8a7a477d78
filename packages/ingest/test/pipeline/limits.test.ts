import assert from "node:assert/strict";
import { test } from "node:test";
import { ingest, type IngestOptions, openStore, type Source, type SourceEntry } from "@tsyncio/ingest";
import { Event } from "tsyncio";
import { ownParts, rawDocument } from "./parts.ts";

/** A source without end of work ahead: counts how many of its documents were listed and read. */
function countingSource(total: number, content: (index: number) => string): Source & { listed: number; read: number } {
  return {
    origin: "counted:",
    listed: 0,
    read: 0,
    async *documents() {},
    async *entries() {
      for (let index = 0; index < total; index++) {
        this.listed += 1;
        yield {
          source: `counted:/${index}`,
          origin: "counted:",
          mediaType: "text/plain",
          read: async () => {
            this.read += 1;
            return rawDocument("counted:", String(index), content(index));
          },
        } satisfies SourceEntry;
      }
    },
  };
}

/** Runs with an embedder that stands still after its first call, until everything before it stands still as well. */
async function readAhead(
  source: Source & { read: number },
  limits: NonNullable<IngestOptions["limits"]>,
): Promise<number> {
  const go = new Event();
  let ahead = 0;
  const embedder = {
    ...ownParts.embedder,
    embed: async (texts: readonly string[]) => {
      if (!go.isSet()) {
        // The pipeline has come to rest when the source was not read from for many turns of the loop.
        for (let still = 0, seen = -1; still < 200; still += 1) {
          if (source.read !== seen) still = 0;
          seen = source.read;
          await new Promise(setImmediate);
        }
        ahead = source.read;
        go.set();
      }
      return ownParts.embedder.embed(texts, "document");
    },
  };
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(source, { store, ...ownParts, embedder, limits });
  assert.deepEqual(report.refused, []);
  return ahead;
}

test("a slow embedder holds the source back: documents under way are bounded by number", async () => {
  const source = countingSource(250, (index) => `document ${index}`);
  const limits = { get: 2, parse: 2, enrich: 4, embed: 1, save: 4, queuedDocuments: 4 };
  const ahead = await readAhead(source, limits);
  assert.equal(source.read, 250);
  // Questions to the store hold 32 each, one asked and one being gathered or handed on; the rest is by the limits.
  assert.ok(ahead > 4 && ahead <= 128, `${ahead} were read`);
});

test("a slow embedder holds the source back: documents under way are bounded by bytes", async () => {
  const source = countingSource(60, (index) => `${index} `.padEnd(10_000, "x"));
  const ahead = await readAhead(source, { get: 2, embed: 1, bytesInFlight: 50_000 });
  assert.equal(source.read, 60);
  // Five are under way, and those that were just read wait for room.
  assert.ok(ahead >= 5 && ahead <= 7, `${ahead} were read`);
});

test("a document larger than all that may be under way goes in, alone", async () => {
  const source = countingSource(3, (index) => `${index} `.padEnd(index === 1 ? 10_000 : 10, "x"));
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(source, { store, ...ownParts, limits: { bytesInFlight: 1000 } });
  assert.equal(report.documents, 3);
});

test("documents that are refused or unchanged make room for the next", async () => {
  const source = countingSource(40, (index) => `${index} `.padEnd(1000, "x"));
  await using store = await openStore("sqlite::memory:");
  const limits = { bytesInFlight: 2000 };
  const broken = { fingerprint: "broken", chunk: () => Promise.reject(new Error("no")) };
  assert.equal((await ingest(source, { store, ...ownParts, limits, chunker: broken })).refused.length, 40);
  assert.equal((await ingest(source, { store, ...ownParts, limits })).documents, 40);
  assert.equal((await ingest(source, { store, ...ownParts, limits })).unchanged, 40);
});

test("no stage has more documents under way than its limit", async () => {
  const most: Record<string, number> = {};
  const now: Record<string, number> = {};
  const counted =
    <A extends unknown[], T>(name: string, call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      now[name] = (now[name] ?? 0) + 1;
      most[name] = Math.max(most[name] ?? 0, now[name]);
      await new Promise(setImmediate);
      const result = await call(...args);
      now[name] -= 1;
      return result;
    };
  const [parser] = ownParts.parsers;
  const { embedder, summarizer, chunker } = ownParts;
  await using store = await openStore("sqlite::memory:");
  await ingest(
    countingSource(100, (index) => `a\nb\nc ${index}`),
    {
      store,
      parsers: parser === undefined ? [] : [{ ...parser, parse: counted("parse", parser.parse) }],
      chunker: { ...chunker, chunk: counted("chunk", chunker.chunk) },
      embedder: { ...embedder, batch: { items: 1, tokens: 1000 }, embed: counted("embed", embedder.embed) },
      summarizer: { ...summarizer, summarize: counted("summarize", summarizer.summarize) },
      limits: { parse: 3, enrich: 5, embed: 2 },
    },
  );
  const { parse = 0, chunk = 0, embed = 0, summarize = 0 } = most;
  assert.ok(parse > 1 && parse <= 3 && chunk > 0 && chunk <= 3, JSON.stringify(most));
  assert.ok(embed > 1 && embed <= 2 && summarize > 1 && summarize <= 5, JSON.stringify(most));
});

test("texts share calls of the embedder, up to its limits of items and tokens", async () => {
  const calls: number[] = [];
  const embedder = {
    ...ownParts.embedder,
    batch: { items: 5, tokens: 10_000 },
    embed: async (texts: readonly string[]) => {
      calls.push(texts.length);
      return ownParts.embedder.embed(texts, "document");
    },
  };
  await using store = await openStore("sqlite::memory:");
  const source = countingSource(50, (index) => `a ${index}\nb ${index}`);
  await ingest(source, { store, ...ownParts, embedder });
  assert.equal(Math.max(...calls), 5);
  assert.equal(
    calls.reduce((sum, texts) => sum + texts),
    100,
  );
  calls.length = 0;
  const ofTokens = { ...embedder, fingerprint: "letters/2", batch: { items: 100, tokens: 1 } };
  await ingest(source, { store, ...ownParts, embedder: ofTokens });
  assert.deepEqual(new Set(calls), new Set([1]));
});
