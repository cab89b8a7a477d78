import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { chunkDocument, ingest, openStore, parseDocument, search } from "@tsyncio/ingest";
import type { ParsedDocument } from "@tsyncio/ingest";
import { tree } from "../sources/tree.ts";
import { pdfFile } from "./pdf-file.ts";

function parse(bytes: Uint8Array): Promise<ParsedDocument> {
  return parseDocument({ bytes, mediaType: "application/pdf", source: "/docs/book.pdf" });
}

test("the text of a PDF file is read page by page, in paragraphs, with its title and the number of pages", async () => {
  const document = await parse(pdfFile(["The heron stands\nin the water.\n\nIt waits.", "It flies."], "Birds"));
  assert.equal(document.title, "Birds");
  assert.deepEqual(document.metadata, { pages: 2 });
  const paragraphs = document.blocks.filter(({ kind }) => kind === "paragraph");
  assert.deepEqual(
    paragraphs.map(({ start, end }) => document.text.slice(start, end)),
    ["The heron stands\nin the water.", "It waits.", "It flies."],
  );
});

test("a passage of a PDF file is of one page, names it, and is a slice of the text; pages without text count", async () => {
  const document = await parse(pdfFile(["The heron stands.", "", "It flies."]));
  const chunks = chunkDocument(document);
  assert.deepEqual(
    chunks.map(({ headings, text }) => [headings, text.trim()]),
    [
      [["Page 1"], "The heron stands."],
      [["Page 3"], "It flies."],
    ],
  );
  for (const { start, end, text } of chunks) assert.equal(document.text.slice(start, end), text);
});

test("the caller's bytes are left as they are", async () => {
  const bytes = pdfFile(["The heron stands."]);
  const before = Buffer.from(bytes);
  await parse(bytes);
  assert.deepEqual(bytes, before);
});

test("a PDF file without text, one that is cut off at its head, and one that is none are refused with the reason", async () => {
  const refused = { name: "UnreadableDocumentError" };
  await assert.rejects(parse(pdfFile(["", ""])), { ...refused, message: /book\.pdf: no text in the 2 pages.*OCR/ });
  await assert.rejects(parse(pdfFile(["x"]).subarray(0, 40)), { ...refused, message: /PDF file cannot be read/ });
  await assert.rejects(parse(Buffer.from("# no PDF")), { ...refused, message: /PDF file cannot be read/ });
});

test("PDF files in a folder are ingested beside bad ones, and a hit names its page", async (t) => {
  const root = await tree(t, {
    "book.pdf": pdfFile(["The otter dives.", "The heron stands."]),
    "bad.pdf": "%PDF-1.4\n",
  });
  await using store = await openStore("sqlite::memory:");
  const report = await ingest(root, { store });
  assert.deepEqual(
    report.refused.map(({ source, stage }) => [source, stage]),
    [[`${root}/bad.pdf`, "parse"]],
  );
  const [hit] = await search(store, "heron", { mode: "text" });
  assert.deepEqual(
    [hit?.source, hit?.headings, hit?.text.trim()],
    [`${root}/book.pdf`, ["Page 2"], "The heron stands."],
  );
});
