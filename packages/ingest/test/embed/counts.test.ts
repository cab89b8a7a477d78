import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { PairCounts } from "../../src/embed/pair-counts.ts";
import { Tally } from "../../src/embed/tally.ts";
import { Vocabulary } from "../../src/embed/vocabulary.ts";

const additions = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 3 })), {
  maxLength: 60,
});

test("pairs are counted as a map counts them, in the order of a map, text after text", () => {
  const pairs = new PairCounts();
  fc.assert(
    fc.property(additions, fc.constantFrom(1, 1024, 0x10001), (list, stride) => {
      pairs.clear();
      const expected = new Map<number, { weight: number; count: number }>();
      for (const [index, [key, times]] of list.entries()) {
        const hash = (key * stride) | 0;
        pairs.add(hash, index, times);
        const known = expected.get(hash);
        if (known === undefined) expected.set(hash, { weight: index, count: times });
        else known.count += times;
      }
      assert.deepEqual(
        Array.from({ length: pairs.size }, (_, place) => [
          pairs.hashAt(place),
          { weight: pairs.weightAt(place), count: pairs.countAt(place) },
        ]),
        Array.from(expected),
      );
    }),
  );
});

test("more pairs than there is room for make room, and leave none behind", () => {
  const pairs = new PairCounts();
  for (let round = 0; round < 2; round++) {
    for (let hash = 0; hash < 20_000; hash++) pairs.add(Math.imul(hash, 64), 1, 1);
    assert.equal(pairs.size, 20_000);
    assert.equal(pairs.hashAt(19_999), Math.imul(19_999, 64));
    pairs.clear();
    pairs.add(64, 0.5, 2);
    assert.deepEqual([pairs.size, pairs.hashAt(0), pairs.weightAt(0), pairs.countAt(0)], [1, 64, 0.5, 2]);
    pairs.clear();
  }
});

test("a tally has a number for each word, lists the counted ones in order, and forgets them when cleared", () => {
  const vocabulary = new Vocabulary();
  const names = Array.from({ length: 5000 }, (_, index) => `w${index}x`);
  const words = vocabulary.words(names.join(" "));
  const tally = new Tally();
  for (const word of words.toReversed()) tally.add(word, word.id + 1);
  for (const word of words) tally.add(word, 1);
  assert.deepEqual(tally.words, words.toReversed());
  assert.ok(words.every((word) => tally.of(word) === word.id + 2));
  tally.clear();
  assert.deepEqual(tally.words, []);
  assert.ok(words.every((word) => tally.of(word) === 0));
});
