import assert from "node:assert/strict";
import { test } from "node:test";
import { toMatchQuery } from "../../../src/store/sqlite/match-query.ts";

test("a query asks for any of its terms, and two terms alone also for the phrase", () => {
  assert.equal(toMatchQuery("How does the loop?"), '"how" OR "does" OR "the" OR "loop"');
  assert.equal(toMatchQuery("fs.readFile"), '"fs" OR "readfile" OR "fs readfile"');
  assert.equal(toMatchQuery("heron"), '"heron"');
});

test("a term that comes twice is asked for once", () => {
  assert.equal(toMatchQuery("Heron heron heron"), '"heron"');
});

test("text without a letter or digit asks for nothing", () => {
  for (const text of ["", " ", '"', "* - ()", "\0", "🚀", "\ud83d"]) assert.equal(toMatchQuery(text), undefined, text);
});

test("the syntax of the search engine is only text", () => {
  assert.equal(toMatchQuery('a" OR title:b*'), '"a" OR "or" OR "title" OR "b"');
});

test("a very long question is cut", () => {
  const query = toMatchQuery(Array.from({ length: 10_000 }, (_, index) => `w${index}`).join(" ")) ?? "";
  assert.equal(query.split(" OR ").length, 64);
});
