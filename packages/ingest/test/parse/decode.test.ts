import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeText } from "../../src/parse/decode.ts";

const refused = (bytes: Uint8Array, reason: RegExp): void => {
  assert.throws(() => decodeText(bytes), { name: "UnreadableDocumentError", message: reason });
};

test("valid UTF-8 decodes to exactly what readFile gives, a byte order mark included", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tsyncio-decode-"));
  try {
    const path = join(folder, "text.md");
    await writeFile(path, "\uFEFF# Grüße 😀\r\nzeile\n");
    assert.equal(decodeText(await readFile(path)).text, await readFile(path, "utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("any well-formed text without odd control characters survives encoding and decoding", () => {
  const text = fc.string({ unit: "binary" }).map((s) => `text: ${s.replaceAll(/\p{Cc}/gu, "")}`);
  fc.assert(
    fc.property(text, (original) => {
      assert.deepEqual(decodeText(Buffer.from(original)), { text: original, encoding: "utf-8", replaced: 0 });
    }),
  );
});

test("a view into a larger buffer decodes only its own bytes", () => {
  const whole = Buffer.from("before|the text|after");
  assert.equal(decodeText(new Uint8Array(whole.buffer, whole.byteOffset + 7, 8)).text, "the text");
});

test("UTF-16 with a byte order mark decodes in both byte orders", () => {
  const little = Buffer.from("\uFEFFGrüße 😀", "utf16le");
  const big = Buffer.from(little).swap16();
  assert.deepEqual(decodeText(little), { text: "Grüße 😀", encoding: "utf-16le", replaced: 0 });
  assert.deepEqual(decodeText(big), { text: "Grüße 😀", encoding: "utf-16be", replaced: 0 });
});

test("UTF-16 without a byte order mark is refused by name", () => {
  refused(Buffer.from("just some plain words", "utf16le"), /NUL byte at offset 1: it looks like UTF-16/);
});

test("broken UTF-8 keeps its text and counts what it replaced, but not the replacement characters of the author", () => {
  const bytes = Buffer.concat([
    Buffer.from("a text of some length with \uFFFD in it and "),
    Buffer.from([0xff]),
    Buffer.from(" inside"),
  ]);
  const decoded = decodeText(bytes);
  assert.equal(decoded.text, bytes.toString("utf8"));
  assert.equal(decoded.replaced, 1);
});

test("bytes that are mostly no UTF-8 are refused with the share that is broken", () => {
  refused(Buffer.from("äöüß".repeat(50), "latin1"), /\d+ % of its characters are not valid UTF-8/);
});

test("a declared encoding is used when the bytes are no valid UTF-8, and only then", () => {
  const latin = Buffer.from("Größe", "latin1");
  assert.equal(decodeText(latin, { declaredEncoding: "iso-8859-1" }).text, "Größe");
  assert.equal(decodeText(Buffer.from("Größe"), { declaredEncoding: "iso-8859-1" }).text, "Größe");
  assert.equal(
    decodeText(Buffer.from("Some text with Gr\xF6\xDFe in it, long enough", "latin1"), { declaredEncoding: "no-such" })
      .replaced,
    2,
  );
});

test("binary files are refused with what they look like", () => {
  refused(Buffer.from("%PDF-1.7\n…"), /it looks like a PDF file/);
  refused(Buffer.from([0x50, 0x4b, 3, 4, 20, 0]), /it looks like a ZIP archive/);
  refused(Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), /it looks like a PNG image/);
  refused(Buffer.from("text\0text"), /NUL byte at offset 4: it looks like a binary file/);
  refused(
    Buffer.from(Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 1 : 65))),
    /10 % of its bytes are control characters/,
  );
});

test("a text that begins with the name of a binary format is a text", () => {
  for (const text of ["GIF89a is an image format.", "SQLite format changes", "The ftyp box", "BZh is bzip2"]) {
    assert.equal(decodeText(Buffer.from(text)).text, text);
  }
  refused(Buffer.from("GIF89a\x10\0\x10\0", "latin1"), /it looks like a GIF image/);
});

test("control characters in the middle or at the end of a large file are seen as well", () => {
  const bytes = Buffer.alloc(1_000_000, "plain words ");
  bytes.fill(1, 960_000);
  refused(bytes, /control characters/);
});

test("a log with ANSI colours and form feeds is text", () => {
  const log = "\u001b[31merror\u001b[0m: disk\f\n".repeat(10);
  assert.equal(decodeText(Buffer.from(log)).text, log);
});

test("an empty file is an empty text", () => {
  assert.deepEqual(decodeText(new Uint8Array()), { text: "", encoding: "utf-8", replaced: 0 });
});
