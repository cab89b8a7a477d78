import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { chunk, parse, parseAndChunk } from "../../src/parse/worker.ts";

const input = {
  bytes: Buffer.from("---\ntitle: T\ndate: 2026-01-02\n---\n# T\n\nSee [a](https://b).\n\n```ts\nx\n```\n"),
  mediaType: "text/markdown",
  source: "/t.md",
};

test("results can be sent between threads without loss", () => {
  const result = parseAndChunk(input);
  assert.deepEqual(structuredClone(result), result);
});

test("parse and chunk in two steps give what they give in one", () => {
  const document = parse(input);
  const chunking = { maxTokens: 16 };
  assert.deepEqual({ document, chunks: chunk({ document, chunking }) }, parseAndChunk({ ...input, chunking }));
});
