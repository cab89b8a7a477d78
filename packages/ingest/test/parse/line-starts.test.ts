import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { lineStarts } from "../../src/parse/line-starts.ts";

test("lines end with LF, CRLF or a lone CR, and the text's end closes the last", () => {
  const text = fc
    .array(fc.constantFrom("a", "bc", "\n", "\r", "\r\n", "é"), { maxLength: 30 })
    .map((list) => list.join(""));
  fc.assert(
    fc.property(text, fc.nat({ max: 5 }), (source, skipped) => {
      const from = Math.min(skipped, source.length);
      const starts = Array.from(lineStarts(source, from));
      assert.deepEqual([starts[0], starts.at(-1)], [from, source.length]);
      assert.deepEqual(
        starts.slice(0, -1).map((start, index) => source.slice(start, starts[index + 1])),
        source.slice(from).match(/.*(?:\r\n|\n|\r)|.+$/g) ?? [],
      );
    }),
    { numRuns: 500 },
  );
});

test("a text of very short lines has all of them", () => {
  assert.equal(lineStarts("\n".repeat(100_000), 0).length, 100_001);
});
