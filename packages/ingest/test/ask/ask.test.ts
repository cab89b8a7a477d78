import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../../src/ask/ask.ts";
import { chunkDocument } from "../../src/chunk/chunk-document.ts";
import { embeddingInput } from "../../src/embed/embedding-input.ts";
import { embedTexts, lexicalEmbedder } from "../../src/embed/lexical-embedder.ts";
import type { Store } from "../../src/model/interfaces.ts";
import { parseMarkdown } from "../../src/parse/markdown.ts";
import { openStore } from "../../src/store/open-store.ts";
import { record } from "../store/records.ts";

/** A store in memory with these Markdown documents, by name. */
async function storeOf(documents: Readonly<Record<string, string>>): Promise<Store> {
  const store = await openStore("sqlite::memory:");
  const { fingerprint, dimensions } = lexicalEmbedder();
  await store.prepare({ fingerprint, dimensions, embedder: fingerprint });
  for (const [source, markdown] of Object.entries(documents)) {
    const document = parseMarkdown(markdown);
    const chunks = chunkDocument(document);
    const texts = chunks.map(({ headings, text }) => embeddingInput(document.title, headings, text));
    const [outcome] = await store.save([
      record(source, [], { title: document.title, chunks, vectors: embedTexts(texts), fingerprint }),
    ]);
    assert.equal(outcome?.error, undefined);
  }
  return store;
}

const lamps = `---
title: Lighthouse lamps
description: How the lamp of a lighthouse is lit every evening.
---

import { Lamp } from "./lamp.js";

# Lighthouse lamps

The keeper lit the lamp of the lighthouse every evening. Oil was carried up the stairs.

<Lamp title="The lamp of the lighthouse is lit by its keeper every evening" lit={true} />

\`\`\`js
// The keeper lit the lamp of the lighthouse every evening in code.
\`\`\`

| The keeper lit the lamp | of the lighthouse every evening |
| ----------------------- | ------------------------------- |
| in a table              | and not in prose                |

- Today a computer lights most lamps
- The lens turns around the lamp
`;

test("an answer consists of the documents' sentences, numbered by their sources", async () => {
  await using store = await storeOf({ "/lamps.md": lamps, "/cheese.md": "# Cheese\n\nCheese is made of milk." });
  const answer = await ask(store, "Who lit the lamp of the lighthouse?");
  assert.equal(answer.kind, "extractive");
  assert.match(answer.text, /^The keeper lit the lamp of the lighthouse every evening\. \[1\]/u);
  assert.deepEqual(
    answer.sources.map(({ number, source }) => [number, source]),
    [[1, "/lamps.md"]],
  );
});

test("front matter, code, tables, tags and imports are no sentences of an answer", async () => {
  await using store = await storeOf({ "/lamps.md": lamps });
  const { text } = await ask(
    store,
    "the title and description of the lamp of the lighthouse, lit every evening in code",
  );
  assert.doesNotMatch(text, /title:|description:|---|import|Lamp title|in code|in a table|\|/u);
  assert.match(text, /The keeper lit the lamp/u);
});

test("front matter behind a comment or cut in two is no sentence either", async () => {
  await using store = await storeOf({
    "/comment.md": `<!-- generated -->\n${lamps}`,
    "/cut.md": "title: The lamp of the lighthouse\ndescription: Who lit the lamp of the lighthouse every evening\n",
  });
  const { text } = await ask(store, "Who lit the lamp of the lighthouse?");
  assert.doesNotMatch(text, /title:|description:/u);
});

test("code that goes on from the passage before is no sentence", async () => {
  const code = "const lamp = await keeper.lit the lamp of the lighthouse every evening\n";
  await using store = await storeOf({
    "/x.md": `# Code\n\n~~~js\n${code.repeat(30)}~~~\n\nThe lamp of a lighthouse is lit.`,
  });
  assert.match((await ask(store, "the lamp of the lighthouse")).text, /^The lamp of a lighthouse is lit\. \[1\]$/u);
});

test("lines that stand in are code, and no sentence", async () => {
  const code = "    keeper light the lamp of the lighthouse --every evening\n    keeper stop the lamp\n";
  await using store = await storeOf({ "/x.md": `# Use\n\n${code}\nThe lamp of a lighthouse is lit by hand.\n` });
  assert.match(
    (await ask(store, "light the lamp of the lighthouse")).text,
    /^The lamp of a lighthouse is lit by hand\. \[1\]$/u,
  );
});

test("the items of a list are sentences of their own", async () => {
  await using store = await storeOf({ "/lamps.md": lamps });
  const { text } = await ask(store, "What does a computer do today?");
  assert.equal(text, "Today a computer lights most lamps [1]");
});

test("a question about nothing in the store has the empty answer", async () => {
  await using store = await storeOf({ "/cheese.md": "# Cheese\n\nCheese is made of milk." });
  for (const question of ["", "?!", "quantum chromodynamics"]) {
    const { text, sources } = await ask(store, question);
    assert.deepEqual({ text, sources }, { text: "", sources: [] });
  }
});
