import assert from "node:assert/strict";
import { test } from "node:test";
import { bestWithTies } from "../../../src/store/sqlite/candidates.ts";
import { fuse } from "../../../src/store/sqlite/fusion.ts";

const scores = (...list: number[]) => list.map((score, chunk) => ({ chunk, score }));
const from = (all: ReturnType<typeof scores>, limits: number[]) => (limit: number) => {
  limits.push(limit);
  return all.slice(0, limit);
};

test("the best are answered at once if a clearly worse one was seen", () => {
  const limits: number[] = [];
  const all = scores(...Array.from({ length: 100 }, (_, index) => -index));
  const found = bestWithTies(2, from(all, limits), { noise: 0.5, most: 1000 });
  assert.deepEqual(limits, [10]);
  assert.equal(found?.length, 10);
});

test("all that tie with the last of the best are fetched", () => {
  const limits: number[] = [];
  const all = scores(9, ...Array.from({ length: 30 }, () => 5), 1, 0);
  const found = bestWithTies(3, from(all, limits), { noise: 0, most: 1000 });
  assert.deepEqual(limits, [11, 44]);
  assert.equal(found?.length, 33);
});

test("it is said when there are more ties than may be asked for", () => {
  const limits: number[] = [];
  const all = scores(...Array.from({ length: 1000 }, () => 5));
  assert.equal(bestWithTies(3, from(all, limits), { noise: 0, most: 100 }), undefined);
  assert.deepEqual(limits, [11, 44, 100]);
});

test("fewer than wanted is an answer too", () => {
  assert.deepEqual(bestWithTies(5, from(scores(3, 2), []), { noise: 0, most: 100 }), scores(3, 2));
  assert.deepEqual(bestWithTies(5, from([], []), { noise: 0, most: 100 }), []);
});

test("fused scores are the sums of 1 / (60 + rank)", () => {
  assert.deepEqual(
    Array.from(
      fuse([
        ["a", "b"],
        ["b", "c"],
      ]),
    ),
    [
      ["a", 1 / 61],
      ["b", 1 / 62 + 1 / 61],
      ["c", 1 / 62],
    ],
  );
});
