import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { embeddingInput } from "../../src/embed/embedding-input.ts";
import { chunk, digest, embed, parse } from "../../src/offline/document-worker.ts";

const input = {
  bytes: Buffer.from(
    "---\ntitle: T\ndate: 2026-01-02\n---\n# T\n\nSee [a](https://b), a keeper of lamps.\n\n```ts\nx\n```\n",
  ),
  mediaType: "text/markdown",
  source: "/t.md",
};

test("results can be sent between threads without loss, and are those of the original there", async () => {
  const document = await parse(input);
  const sent = structuredClone(document);
  assert.deepEqual(sent, document);
  for (const options of [{}, { maxTokens: 16 }]) {
    const chunks = chunk({ document: sent, options });
    assert.deepEqual(structuredClone(chunks), chunk({ document, options }));
    const vectors = embed(chunks.map(({ headings, text }) => embeddingInput(document.title, headings, text)));
    assert.deepEqual(structuredClone(vectors), vectors);
    assert.equal(vectors.length, chunks.length * 384);
  }
  assert.deepEqual(structuredClone(digest(sent)), digest(document));
});

test("the same document gives the same results every time", async () => {
  const once = await parse(input);
  assert.deepEqual(await parse(input), once);
  assert.deepEqual(digest(once), digest(once));
});
