import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText } from "../../src/extract/plain-text.ts";

test("markup is taken out and words stay", () => {
  for (const [markdown, plain] of [
    ["**bold**, _italic_ and ***both***", "bold, italic and both"],
    ['a [link](https://example.org/a_(b) "title") and [another][ref]', "a link and another"],
    ["![a picture](x.png) beside", "beside"],
    ["see <https://example.org> <br/> now", "see https://example.org now"],
    ["> quoted\n> > twice", "quoted twice"],
    ["- one\n- [x] two\n10. three", "one two three"],
    ["1 \\* 2", "1 * 2"],
    ["lines\nof   one\tparagraph", "lines of one paragraph"],
  ] as const) {
    assert.equal(plainText(markdown), plain);
  }
});

test("what stands in code and in identifiers is no markup", () => {
  assert.equal(plainText("`Promise<void>` and ``a **b** c``"), "Promise<void> and a **b** c");
  assert.equal(plainText("snake_case_name, __init__ of 2*3*4"), "snake_case_name, init of 2*3*4");
});

test("text without signs is left as it is", () => {
  fc.assert(
    fc.property(fc.lorem({ mode: "sentences" }), (text) => {
      assert.equal(plainText(text), text);
    }),
  );
});

test("text made to be slow takes no longer than other text", () => {
  for (const hostile of [
    "[".repeat(20_000),
    "![](".repeat(5000),
    "*".repeat(20_000),
    "<a ".repeat(7000),
    "_a ".repeat(7000),
    "`".repeat(20_000),
  ]) {
    assert.equal(typeof plainText(hostile), "string");
  }
});
