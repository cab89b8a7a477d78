import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { embeddingInput, splitEmbeddingInput } from "../../src/embed/embedding-input.ts";

test("the context line is the title and the path of headings", () => {
  assert.equal(embeddingInput("Guide", ["Tasks", "Waiting"], "It waits."), "Guide > Tasks > Waiting\n\nIt waits.");
});

test("a heading that repeats the title is written once", () => {
  assert.equal(embeddingInput("Guide", ["Guide", "Tasks"], "x"), "Guide > Tasks\n\nx");
});

test("a passage without titles stands alone", () => {
  assert.equal(embeddingInput(undefined, [], "x"), "x");
  assert.equal(embeddingInput(" ", ["\n"], "x"), "x");
});

test("line breaks in a title do not break the context line", () => {
  assert.equal(embeddingInput("A\n\nlong  title", [], "x"), "A long title\n\nx");
});

test("what was put together is taken apart again", () => {
  const title = fc.string({ minLength: 1 }).filter((text) => text.trim() !== "");
  fc.assert(
    fc.property(title, fc.array(fc.string(), { maxLength: 20 }), fc.string(), (first, headings, text) => {
      const { context, text: rest } = splitEmbeddingInput(embeddingInput(first, headings, text));
      assert.equal(rest, text);
      assert.ok(context.length > 0 && context.length <= 300 && !context.includes("\n"));
    }),
  );
});

test("a first paragraph of several lines is no context line", () => {
  const text = "One\ntwo\n\nthree";
  assert.deepEqual(splitEmbeddingInput(text), { context: "", text });
});
