import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { TokenScanner } from "../../src/embed/token-scanner.ts";

const PATTERN = /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:['’]\p{L}+)?/gu;

/** Text full of what tokens begin, go on and end with, in several scripts, halves of surrogate pairs among it. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...Array.from("abXY09_'’- \n."),
        "é",
        "e\u0301",
        "\u0301",
        "東京",
        "𝒳",
        "𐐀",
        "😀",
        "\ud800",
        "\udc00",
        "Ⅷ",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

function tokensOf(source: string): { readonly token: string; readonly hash: number }[] {
  const scanner = new TokenScanner(source);
  const tokens: { token: string; hash: number }[] = [];
  while (scanner.next()) tokens.push({ token: source.slice(scanner.start, scanner.end), hash: scanner.hash });
  return tokens;
}

test("the tokens are those that the pattern finds", () => {
  fc.assert(
    fc.property(text, (source) => {
      assert.deepEqual(
        tokensOf(source).map(({ token }) => token),
        source.match(PATTERN) ?? [],
      );
    }),
    { numRuns: 500 },
  );
});

test("a token has the same hash wherever it stands", () => {
  fc.assert(
    fc.property(text, (source) => {
      for (const { token, hash } of tokensOf(source)) assert.deepEqual(tokensOf(`— ${token} —`), [{ token, hash }]);
    }),
  );
});

test("a scanner at the end of its text stays there", () => {
  const scanner = new TokenScanner("one");
  assert.deepEqual([scanner.next(), scanner.next(), scanner.next(), scanner.end], [true, false, false, 3]);
});
