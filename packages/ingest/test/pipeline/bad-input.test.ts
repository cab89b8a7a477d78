import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { open, symlink } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import {
  ingest,
  type IngestOptions,
  type IngestReport,
  openStore,
  type Parser,
  type RawDocument,
  search,
} from "@tsyncio/ingest";
import { ThreadPool, threadModule } from "@tsyncio/threads";
import { sleepForever } from "tsyncio";
import { tree } from "../sources/tree.ts";
import { memorySource, ownParts } from "./parts.ts";

/** Ingests a folder that holds a good document beside bad ones, and answers the reasons by the names of the bad. */
async function ingestFolder(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Omit<IngestOptions, "store"> = {},
): Promise<{ readonly report: IngestReport; readonly reasons: Readonly<Record<string, string>> }> {
  const root = await tree(t, { "good.md": "# Good\n\nThe heron stands.\n", ...files });
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(root, { store, ...options });
  assert.equal((await search(store, "heron", { mode: "text" }))[0]?.source, `${root}/good.md`);
  assert.equal((await store.errors()).length, report.refused.length);
  const entries = report.refused.map(({ source, reason }) => [source.slice(root.length + 1), reason]);
  return { report, reasons: Object.fromEntries(entries) as Readonly<Record<string, string>> };
}

test("a path that is missing fails the run and is named, with what was expected", async () => {
  await using store = await openStore("sqlite::memory:");
  await assert.rejects(
    ingest("no/such/path", { store }),
    /no\/such\/path does not exist; expected a file, a folder or a glob/,
  );
  await assert.rejects(ingest("https://example.org/", { store }), { name: "SourceError" });
});

test("a binary file, a pipe and a broken link are refused with their reasons; a broken UTF-8 file goes in", async (t) => {
  const root = await tree(t, {
    "good.md": "# Good\n",
    "picture.md": new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46, 0, 1]),
    "broken.md": new Uint8Array([
      ...Buffer.from("# Kranich\n\nEin gro"),
      0xdf,
      ...Buffer.from("er Vogel, vielleicht "),
      0xff,
    ]),
  });
  await symlink(`${root}/nowhere`, `${root}/link.md`);
  await promisify(execFile)("mkfifo", [`${root}/pipe.md`]);
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(root, { store });
  const reasons = Object.fromEntries(
    report.refused.map(({ source, reason }) => [source.slice(root.length + 1), reason]),
  );
  assert.deepEqual(Object.keys(reasons).toSorted(), ["link.md", "picture.md", "pipe.md"]);
  assert.match(reasons["picture.md"] ?? "", /JPEG|binary/i);
  assert.match(reasons["pipe.md"] ?? "", /a pipe, not a file/);
  assert.match(reasons["link.md"] ?? "", /ENOENT/);
  assert.equal(report.documents, 2);
  const [hit] = await search(store, "Vogel");
  assert.equal(hit?.source, `${root}/broken.md`);
});

test("a file of 200 MB is refused unread, and the reason says how to allow it", async (t) => {
  const root = await tree(t, { "good.md": "# Good\n" });
  await using file = await open(`${root}/huge.txt`, "w");
  await file.truncate(200_000_000);
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(root, { store });
  assert.equal(report.documents, 1);
  assert.match(
    report.refused[0]?.reason ?? "",
    /200\.0 MB large, more than the limit of 67\.1 MB.*--max-size.*limits\.documentBytes/,
  );
});

test("HTML nested 10,000 deep and Markdown that makes naive parsers quadratic are dealt with, and the others go in", async (t) => {
  const { report, reasons } = await ingestFolder(t, {
    "deep.html": `${"<div>".repeat(10_000)}deep down${"</div>".repeat(10_000)}`,
    "brackets.md": "[".repeat(50_000),
    "stars.md": "*a **b ".repeat(20_000),
    "ticks.md": Array.from({ length: 1500 }, (_, index) => "`".repeat(index + 1)).join(" "),
    "quotes.md": `${">".repeat(20_000)} x`,
    "links.md": "[a](<b".repeat(20_000),
    "one-line.txt": "word ".repeat(400_000),
  });
  assert.equal(report.documents + report.refused.length, 8);
  assert.ok(!("deep.html" in reasons) && !("one-line.txt" in reasons), JSON.stringify(reasons));
  for (const reason of Object.values(reasons)) assert.match(reason, /longer than|limit|deep/);
});

const module = threadModule<typeof import("./hostile-parser.ts")>("./hostile-parser.ts", import.meta.url);

test("a parser that hangs, eats memory or exits in its worker costs its document, and the others go in", async (t) => {
  await using pool = new ThreadPool({ name: "parsers", threads: 1, memory: { heapMb: 64 } });
  const parser: Parser = {
    fingerprint: "hostile/1",
    accepts: () => true,
    parse: ({ bytes }) => {
      const text = Buffer.from(bytes).toString();
      return pool.run(module, "parse", text, { timeout: text === "hang" ? "500ms" : "40s" });
    },
  };
  const { report, reasons } = await ingestFolder(
    t,
    { "1.md": "hang", "2.md": "fine", "3.md": "eat", "4.md": "exit", "5.md": "fine too" },
    { ...ownParts, parsers: [parser] },
  );
  assert.deepEqual(Object.keys(reasons).toSorted(), ["1.md", "3.md", "4.md"]);
  assert.match(reasons["1.md"] ?? "", /longer than 500ms/);
  assert.match(reasons["3.md"] ?? "", /memory/);
  assert.match(reasons["4.md"] ?? "", /exit/i);
  assert.equal(report.documents, 3);
});

const [parser = assert.fail()] = ownParts.parsers;
const { chunker, summarizer, extractor } = ownParts;

/** The same function, which does not come back for the document "slow". */
function stuck<Input extends { readonly text: string } | RawDocument, T>(
  call: (input: Input) => Promise<T>,
): (input: Input) => Promise<T> {
  return async (input) => {
    const text = "text" in input ? input.text : input.source;
    return text.includes("slow") ? sleepForever() : call(input);
  };
}

const stuckParts: Readonly<Record<string, Partial<IngestOptions>>> = {
  parse: { parsers: [{ ...parser, parse: stuck(parser.parse) }] },
  chunk: { chunker: { ...chunker, chunk: stuck(chunker.chunk) } },
  summarize: { summarizer: { ...summarizer, summarize: stuck(summarizer.summarize) } },
  extract: { extractor: { ...extractor, extract: stuck(extractor.extract) } },
};

for (const [stage, parts] of Object.entries(stuckParts)) {
  test(`a document whose ${stage} takes too long is refused, and the others go in`, async () => {
    await using store = await openStore("sqlite::memory:");
    const source = memorySource("memory:", { a: "alpha", slow: "slow", b: "beta" });
    const options = { ...ownParts, ...parts, store, limits: { stageTime: "100ms", parse: 1 } } as const;
    const report = await ingest(source, options);
    assert.equal(report.documents, 2);
    const reason = "it took longer than 100ms; limits.stageTime allows more";
    assert.deepEqual(report.refused, [{ source: "memory:/slow", stage, reason }]);
  });
}

test("what a part throws is the reason, also when it is no error or says nothing", async () => {
  await using store = await openStore("sqlite::memory:");
  const source = memorySource("memory:", { text: "text", empty: "empty", error: "error" });
  const report = await ingest(source, {
    store,
    ...ownParts,
    extractor: {
      fingerprint: "throws",
      extract: async ({ text }) => {
        if (text === "text") return Promise.reject("just a text");
        throw text === "error" ? new TypeError("no such fact") : new Error("");
      },
    },
  });
  assert.deepEqual(report.refused.map(({ reason }) => reason).toSorted(), [
    "it failed without saying why",
    "just a text",
    "no such fact",
  ]);
});
