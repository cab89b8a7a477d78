import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { estimateTokens, reach, reachBack, weigh } from "../../src/chunk/estimate-tokens.ts";

test("ASCII counts four characters a token, rounded up, other scripts more tokens", () => {
  assert.equal(estimateTokens(""), 0);
  assert.equal(estimateTokens("abcd"), 1);
  assert.equal(estimateTokens("abcde"), 2);
  assert.equal(estimateTokens("привет"), 3);
  assert.equal(estimateTokens("日本語"), 3);
  assert.equal(estimateTokens("😀"), 2);
});

test("weights add up, and what is within reach is the most that fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(200), (text, budget) => {
      const end = reach(text, 0, text.length, budget);
      assert.ok(weigh(text, 0, end) <= budget);
      if (end < text.length) assert.ok(weigh(text, 0, end + 1) > budget);
      const start = reachBack(text, 0, text.length, budget);
      assert.ok(weigh(text, start, text.length) <= budget);
      if (start > 0) assert.ok(weigh(text, start - 1, text.length) > budget);
      assert.equal(weigh(text, 0, end) + weigh(text, end, text.length), weigh(text, 0, text.length));
    }),
  );
});
