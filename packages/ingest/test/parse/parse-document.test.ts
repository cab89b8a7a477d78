import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PARSER_FINGERPRINT, parseDocument } from "../../src/parse/parse-document.ts";

function parse(text: string | Uint8Array, mediaType: string): ReturnType<typeof parseDocument> {
  return parseDocument({ bytes: typeof text === "string" ? Buffer.from(text) : text, mediaType, source: "/docs/page" });
}

test("the media type chooses the parser, its parameters and case aside", async () => {
  const text = "# Title\n\n<b>x</b>";
  assert.equal((await parse(text, "text/markdown")).title, "Title");
  assert.equal((await parse(text, "Text/HTML; charset=utf-8")).text, "# Title x");
  assert.equal((await parse(text, "text/plain")).title, undefined);
  assert.equal((await parse("import a from 'a'", "text/mdx")).blocks[0]?.kind, "html");
});

test("an unknown media type is refused with those that are known", async () => {
  await assert.rejects(parse("x", "application/zip"), {
    message: /\/docs\/page: no parser .*"application\/zip".*text\/markdown/,
  });
});

test("metadata tells of characters that were replaced and of an encoding that is not UTF-8", async () => {
  const broken = Buffer.concat([Buffer.from("---\na: 1\n---\nlong enough a text"), Buffer.from([0xc3])]);
  assert.deepEqual((await parse(broken, "text/markdown")).metadata, { a: 1, replacedCharacters: 1 });
  assert.deepEqual((await parse("plain", "text/plain")).metadata, {});
});

test("an HTML page in the encoding that it declares is read in it", async () => {
  const page = '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><p>Größe</p>';
  const document = await parse(Buffer.from(page, "latin1"), "text/html");
  assert.equal(document.text, "Größe");
  assert.deepEqual(document.metadata, { encoding: "windows-1252" });
  assert.equal((await parse(Buffer.from("Größe", "latin1"), "text/plain; charset=iso-8859-1")).text, "Größe");
});

test("the fingerprint names the versions of the libraries that are installed", () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  for (const library of ["markdown-it", "htmlparser2", "yaml", "unpdf", "mammoth"]) {
    const version = new RegExp(`"${library}": "([^"]+)"`).exec(manifest)?.[1];
    assert.ok(PARSER_FINGERPRINT.split(" ").includes(`${library}@${version}`), library);
  }
});
