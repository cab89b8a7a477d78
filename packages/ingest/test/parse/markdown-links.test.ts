import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarkdown } from "../../src/parse/markdown.ts";

function linksOf(text: string): [string, string][] {
  return parseMarkdown(text).links.map((link) => [link.text, link.url]);
}

test("inline links are found with their text and destination", () => {
  assert.deepEqual(linksOf('See [the *docs*](https://a.b/c "Title"), [x](<a b>) and [`f()`](/f_(x)).'), [
    ["the docs", "https://a.b/c"],
    ["x", "a b"],
    ["f()", "/f_(x)"],
  ]);
});

test("references in all three forms lead to their definition", () => {
  assert.deepEqual(linksOf("[Full][Label], [label][] and [label], not [other].\n\n[LABEL]: https://a.b 'title'"), [
    ["Full", "https://a.b"],
    ["label", "https://a.b"],
    ["label", "https://a.b"],
  ]);
});

test("autolinks, bare addresses and HTML anchors are links", () => {
  assert.deepEqual(linksOf('<https://a.b> and https://c.d/e_f, and <a class="x" href="/g">the <b>G</b></a>.'), [
    ["https://a.b", "https://a.b"],
    ["https://c.d/e_f", "https://c.d/e_f"],
    ["the", "/g"],
  ]);
});

test("an image is no link, but one inside a link lends it its words", () => {
  assert.deepEqual(linksOf("![alone](a.png) [![badge](b.svg)](https://ci)"), [["badge", "https://ci"]]);
});

test("code is not searched for links, in spans, fences, or lists", () => {
  assert.deepEqual(
    linksOf("`[a](b)` ``[c](`d`)``\n\n```\n[e](f)\n```\n\n- item\n\n  ```\n  [g](h)\n  ```\n\n  [i](j)"),
    [["i", "j"]],
  );
});

test("escaped brackets, unclosed links and links over the end of a block are none", () => {
  assert.deepEqual(linksOf("\\[a](b) [c](d\n\ne) [f] (g) [h](i j)"), []);
});

test("a link does not contain another, so that the inner one counts", () => {
  assert.deepEqual(linksOf("[outer [inner](a) words](b) [next](c)"), [
    ["inner", "a"],
    ["next", "c"],
  ]);
});
