import assert from "node:assert/strict";
import { test } from "node:test";
import { parseText } from "../../src/parse/text.ts";

function paragraphsOf(text: string): string[] {
  return parseText(text).blocks.map(({ start, end }) => text.slice(start, end));
}

test("blank lines separate paragraphs, whatever ends the lines", () => {
  for (const lineEnd of ["\n", "\r\n", "\r"]) {
    const text = ["one", "two  ", "   ", "", "  three", ""].join(lineEnd);
    assert.deepEqual(paragraphsOf(text), [`one${lineEnd}two`, "  three"]);
  }
});

test("a paragraph of many lines is cut between lines, one of a single line anywhere but in a character", () => {
  const lines = paragraphsOf("a line of a log\n".repeat(10_000));
  assert.ok(lines.length > 5);
  for (const part of lines) assert.match(part, /^a line[^]*of a log$/);

  const parts = paragraphsOf(`x${"😀".repeat(20_000)}`);
  assert.equal(parts.join(""), `x${"😀".repeat(20_000)}`);
  for (const part of parts) assert.ok(part.length <= 16_384 && part.isWellFormed());
});

test("blank text has no blocks", () => {
  assert.deepEqual(paragraphsOf(" \n\t\r\n\uFEFF"), []);
});
