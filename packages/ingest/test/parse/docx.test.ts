import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chunkDocument, ingest, openStore, parseDocument, search } from "@tsyncio/ingest";
import type { ParsedDocument } from "@tsyncio/ingest";
import { mediaTypeOf } from "../../src/parse/media-type.ts";
import { tree } from "../sources/tree.ts";

const mediaType = mediaTypeOf("letter.docx") ?? "";

/** One of the files with which mammoth itself is tested: they are in its package, and Word made them. */
function sample(name: string): Buffer {
  const library = dirname(dirname(fileURLToPath(import.meta.resolve("mammoth"))));
  return readFileSync(join(library, "test", "test-data", name));
}

function parse(bytes: Uint8Array): Promise<ParsedDocument> {
  return parseDocument({ bytes, mediaType, source: "/docs/letter.docx" });
}

test("the text of a Word document is read with its lists and tables, and passages are slices of it", async () => {
  const list = await parse(sample("simple-list.docx"));
  assert.deepEqual([list.text.trim(), list.blocks.map(({ kind }) => kind)], ["- Apple\n- Banana", ["list"]]);
  const table = await parse(sample("tables.docx"));
  assert.ok(table.blocks.some(({ kind }) => kind === "table"));
  for (const document of [list, table]) {
    for (const { start, end, text } of chunkDocument(document)) assert.equal(document.text.slice(start, end), text);
  }
});

test("pictures in a Word document do not get into its text", async () => {
  const { text } = await parse(sample("tiny-picture.docx"));
  assert.doesNotMatch(text, /base64/);
});

test("what is no Word document is refused with the reason", async () => {
  const refused = { name: "UnreadableDocumentError", message: /letter\.docx: this Word document cannot be read: / };
  await assert.rejects(parse(sample("hello.zip")), refused);
  await assert.rejects(parse(Buffer.from("# no archive")), refused);
  await assert.rejects(parse(sample("tables.docx").subarray(0, 2000)), refused);
});

test("Word documents in a folder are ingested beside bad ones", async (t) => {
  const root = await tree(t, { "list.docx": sample("simple-list.docx"), "bad.docx": sample("hello.zip") });
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(root, { store });
  assert.deepEqual(
    report.refused.map(({ source, stage }) => [source, stage]),
    [[`${root}/bad.docx`, "parse"]],
  );
  assert.equal((await search(store, "banana", { mode: "text" }))[0]?.source, `${root}/list.docx`);
});
