import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaTypeOf } from "../../src/parse/media-type.ts";
import { acceptsMediaType } from "../../src/parse/parse-document.ts";

test("a documentation file has a media type that has a parser", () => {
  for (const name of [
    "a.md",
    "A.MARKDOWN",
    "b.mdx",
    "/x/y.html",
    "y.htm",
    "y.xhtml",
    "n.txt",
    "s.log",
    "d.rst",
    "d.adoc",
    "p.pdf",
    "w.docx",
    "README",
  ]) {
    assert.ok(acceptsMediaType(mediaTypeOf(name) ?? ""), name);
  }
});

test("a file that is no documentation has no media type", () => {
  for (const name of ["a.json", "a.ts", "a.css", "a.png", "Makefile", "a.md.bak", ".md", "archive.tar.gz"]) {
    assert.equal(mediaTypeOf(name), undefined, name);
  }
});
