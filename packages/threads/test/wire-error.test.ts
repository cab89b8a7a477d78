import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fromWire, toWire } from "../src/wire-error.ts";

function overTheWire(thrown: unknown): unknown {
  return fromWire(structuredClone(toWire(thrown)));
}

test("whatever is thrown can be described and sent", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      overTheWire(value);
      overTheWire(Object.assign(new Error("odd"), { value, name: value, stack: value }));
      overTheWire(new Error("caused", { cause: value }));
    }),
  );
});

test("errors of the language keep their class, and aggregates their errors", () => {
  assert.ok(overTheWire(new RangeError("far")) instanceof RangeError);
  const aggregate = overTheWire(new AggregateError([new TypeError("a"), 2], "both"));
  assert.ok(aggregate instanceof AggregateError);
  assert.ok(aggregate.errors[0] instanceof TypeError);
  assert.equal(aggregate.errors[1], 2);
});

test("a cause that is undefined is not one that is missing, and a circular one ends", () => {
  assert.equal(Object.hasOwn(overTheWire(new Error("a")) as object, "cause"), false);
  assert.equal(Object.hasOwn(overTheWire(new Error("a", { cause: undefined })) as object, "cause"), true);
  const circular = new Error("round");
  circular.cause = circular;
  assert.equal((overTheWire(circular) as Error).message, "round");
});

test("properties that cannot be sent are left out", () => {
  const error = overTheWire(Object.assign(new Error("a"), { code: "E", run: () => {}, socket: {} }));
  assert.deepEqual(Object.keys(error as object), ["code"]);
});
