import assert from "node:assert/strict";
import { test } from "node:test";
import { lightStem } from "../../src/embed/light-stem.ts";

test("the inflections of a word have one stem", () => {
  for (const family of [
    ["create", "creates", "created", "creating", "creation"],
    ["query", "queries"],
    ["run", "runs"],
    ["stopped", "stopping", "stop", "stops"],
    ["configuration", "configure", "configured", "configuring"],
    ["class", "classes"],
    ["generate", "generation", "generated"],
    ["exactly", "exact"],
  ]) {
    assert.deepEqual(new Set(family.map(lightStem)).size, 1, family.map(lightStem).join(" "));
  }
});

test("words that only look inflected stay apart", () => {
  for (const [left, right] of [
    ["thing", "th"],
    ["bus", "bu"],
    ["process", "proces"],
    ["nation", "nat"],
    ["string", "str"],
    ["need", "ne"],
  ] as const) {
    assert.notEqual(lightStem(left), lightStem(right));
  }
});
