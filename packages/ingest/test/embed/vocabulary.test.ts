import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenScanner } from "../../src/embed/token-scanner.ts";
import { type Reading, Vocabulary } from "../../src/embed/vocabulary.ts";

function read(vocabulary: Vocabulary, token: string): Reading {
  const scanner = new TokenScanner(token);
  assert.ok(scanner.next());
  return vocabulary.read(scanner);
}

test("words that differ in inflection and case only are one word", () => {
  const vocabulary = new Vocabulary();
  const [one, ...others] = vocabulary.words("Handling handles HANDLED handle's");
  assert.ok(others.length === 3 && others.every((word) => word === one));
});

test("an identifier is its words and a whole", () => {
  const { words, whole, key } = read(new Vocabulary(), "readFileSync");
  assert.deepEqual(
    words.map(({ stem }) => stem),
    ["read", "file", "sync"],
  );
  assert.equal(whole?.stem, "read_file_sync");
  assert.equal(key, "read_file_sync");
});

test("numbers and common words tell nothing of a text's subject, other words do", () => {
  const vocabulary = new Vocabulary();
  for (const token of ["the", "using", "2026", "_", "file_name"]) assert.equal(read(vocabulary, token).telling, false);
  for (const token of ["lighthouse", "fileDescriptor"]) assert.equal(read(vocabulary, token).telling, true);
});

test("a word stays the same object however many other tokens come between", () => {
  const vocabulary = new Vocabulary();
  const before = read(vocabulary, "lighthouse").words[0];
  for (let index = 0; index < 50_000; index++) read(vocabulary, `t${index}`);
  assert.equal(read(vocabulary, "lighthouse").words[0], before);
});

test("a large vocabulary is emptied between two texts, and reads as before", () => {
  const vocabulary = new Vocabulary();
  const before = read(vocabulary, "lighthouses");
  vocabulary.trim();
  assert.equal(read(vocabulary, "lighthouses"), before);
  for (let index = 0; index < 50_000; index++) read(vocabulary, `t${index}`);
  vocabulary.trim();
  const after = read(vocabulary, "lighthouses");
  assert.notEqual(after, before);
  assert.deepEqual({ ...after.words[0], id: 0 }, { ...before.words[0], id: 0 });
  assert.equal(after.words[0]?.id, 0);
});
