import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { toMilliseconds } from "../../src/kernel/duration.ts";

describe("a duration", () => {
  test("is a number of milliseconds, or a literal with a unit", () => {
    const literals = { "250ms": 250, "1.5s": 1_500, ".5s": 500, "5m": 300_000, "2h": 7_200_000, "0ms": 0 } as const;
    for (const [literal, milliseconds] of Object.entries(literals)) {
      assert.equal(toMilliseconds(literal as "1s"), milliseconds);
    }
    for (const number of [0, -1, 1.5, Infinity]) assert.equal(toMilliseconds(number), number);
  });

  test("in seconds, minutes or hours is its number times the unit", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (number) => {
        assert.equal(toMilliseconds(`${number}s`), number * 1_000);
        assert.equal(toMilliseconds(`${number}m`), number * 60_000);
        assert.equal(toMilliseconds(`${number}h`), number * 3_600_000);
      }),
    );
  });

  test("is refused when it is anything else, saying what was expected and what came", () => {
    for (const wrong of ["", "1", "1 s", "s", "-1s", "1e3s", "1d", "1s ", null, undefined, {}, true]) {
      assert.throws(
        () => toMilliseconds(wrong as never, "grace"),
        /^RangeError: grace: expected milliseconds or a literal/,
      );
    }
    assert.throws(() => toMilliseconds(Number.NaN, "grace"), /grace: expected a number of milliseconds, got NaN/);
  });
});
