import assert from "node:assert/strict";
import { test } from "node:test";
import { ingest, type IngestEvent, openStore } from "@tsyncio/ingest";
import { tree } from "../sources/tree.ts";
import { memorySource, ownParts } from "./parts.ts";

test("a report counts what went in, what was in already, and names what was refused, at which stage and why", async (t) => {
  const root = await tree(t, {
    "one.md": "# One\n\nA heron.\n",
    "two.md": "# Two\n\nA stork.\n\n## More\n\nAnd a crane.\n",
    "not-text.md": new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
  });
  await using store = await openStore("sqlite::memory:");
  const { documents, unchanged, refused, pruned, chunks, elapsed, stages, largestLoopGap, ...more } = await ingest(
    root,
    { store },
  );
  assert.deepEqual({ documents, unchanged, pruned, more }, { documents: 2, unchanged: 0, pruned: [], more: {} });
  assert.deepEqual(
    refused.map(({ source, stage }) => ({ source, stage })),
    [{ source: `${root}/not-text.md`, stage: "parse" }],
  );
  assert.match(refused[0]?.reason ?? "", /PNG|binary/i);
  assert.equal(chunks, (await store.status()).chunks);
  assert.ok(chunks >= 2 && elapsed > 0 && largestLoopGap >= 0);
  assert.deepEqual(
    stages.map(({ stage, done, inFlight, waiting }) => [stage, done, inFlight, waiting]),
    [
      ["get", 3, 0, 0],
      ["parse", 3, 0, 0],
      ["chunk", 2, 0, 0],
      ["embed", 2, 0, 0],
      ["summarize", 2, 0, 0],
      ["extract", 2, 0, 0],
      ["save", 2, 0, 0],
    ],
  );
  const again = await ingest(root, { store });
  assert.deepEqual([again.documents, again.unchanged, again.refused.length], [0, 2, 1]);
});

test("the events begin with start, tell of each document once, and end with done, which is the report", async () => {
  await using store = await openStore("sqlite::memory:");
  const events: IngestEvent[] = [];
  const source = memorySource("memory:", { a: "alpha\nbeta", b: "gamma", empty: "" });
  const report = await ingest(source, { store, ...ownParts, onEvent: (event) => void events.push(event) });
  const { fingerprint } = await store.status();
  assert.deepEqual(events[0], { type: "start", store: "sqlite::memory:", sources: ["memory:"], fingerprint });
  assert.deepEqual(events.at(-1), { type: "done", ...report });
  assert.equal(events.filter(({ type }) => type === "start" || type === "done").length, 2);
  const told = events.filter((event) => event.type === "document").map((event) => event.source);
  assert.deepEqual(told.toSorted(), ["memory:/a", "memory:/b", "memory:/empty"]);
  assert.ok(events.some((event) => event.type === "progress" && event.progress.listed >= 0));
});

test("a warning about vectors of another embedder comes after start", async () => {
  await using store = await openStore("sqlite::memory:");
  await ingest(memorySource("memory:", { a: "alpha" }), { store, ...ownParts });
  const embedder = { ...ownParts.embedder, fingerprint: "letters/2" };
  const types: string[] = [];
  await ingest(memorySource("other:", { b: "beta" }), {
    store,
    ...ownParts,
    embedder,
    onEvent: ({ type }) => void types.push(type),
  });
  assert.deepEqual(types.filter((type) => type !== "progress").slice(0, 2), ["start", "warning"]);
});

test("a document of which several stages fail is refused once", async () => {
  await using store = await openStore("sqlite::memory:");
  const fails = (): Promise<never> => Promise.reject(new Error("out of order"));
  const report = await ingest(memorySource("memory:", { a: "alpha" }), {
    store,
    ...ownParts,
    summarizer: { fingerprint: "broken", summarize: fails },
    extractor: { fingerprint: "broken", extract: fails },
  });
  assert.equal(report.refused.length, 1);
  assert.deepEqual((await store.errors()).length, 1);
});

test("an event handler that throws ends the run with its error", async () => {
  await using store = await openStore("sqlite::memory:");
  const onEvent = ({ type }: IngestEvent): void => {
    if (type === "document") throw new Error("the display is broken");
  };
  await assert.rejects(ingest(memorySource("memory:", { a: "alpha" }), { store, ...ownParts, onEvent }), {
    message: "the display is broken",
  });
});

test("limits that cannot be are refused before anything is done", async () => {
  await using store = await openStore("sqlite::memory:");
  await assert.rejects(ingest("/nowhere", { store, limits: { parse: 0 } }), /limits\.parse.*whole number.*got 0/);
  await assert.rejects(ingest("/nowhere", { store, limits: { stageTime: "soon" as "1s" } }), /limits\.stageTime/);
});
