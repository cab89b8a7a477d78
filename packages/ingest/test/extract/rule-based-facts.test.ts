import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { extractFacts, ruleBasedExtractor } from "../../src/extract/rule-based-facts.ts";
import { parseMarkdown } from "../../src/parse/markdown.ts";
import { parseText } from "../../src/parse/text.ts";

const DOCUMENT = parseMarkdown(`---
title: Rate limiting
description: How to send *no more* than the server takes
date: 2026-02-03
author: Ada Lovelace, Grace Hopper
tags: [http, limits]
---

# Rate limiting

A token bucket gives out tokens. See [the guide](https://example.org/guide), [again](https://example.org/guide)
and [below](#below). Revised on 4 March 2026.

## Token bucket

The token bucket is refilled by a timer.

\`\`\`ts
const released = "1999-01-01";
\`\`\`

\`\`\`sh
npm install
\`\`\`

\`\`\`ts
bucket.take();
\`\`\`

#### Details

Nothing.
`);

test("the document's own statements become facts", () => {
  const facts = extractFacts(DOCUMENT);
  assert.equal(facts.title, "Rate limiting");
  assert.equal(facts.description, "How to send no more than the server takes");
  assert.deepEqual(facts.authors, ["Ada Lovelace", "Grace Hopper"]);
  assert.deepEqual(facts.tags, ["http", "limits"]);
});

test("dates come from the metadata and the prose, not from code", () => {
  assert.deepEqual(extractFacts(DOCUMENT).dates, [
    { date: "2026-02-03", from: "metadata", label: "date" },
    { date: "2026-03-04", from: "text" },
  ]);
});

test("each address is listed once, and places in the same document are not", () => {
  const facts = extractFacts(DOCUMENT);
  assert.deepEqual(facts.links, [{ text: "the guide", url: "https://example.org/guide" }]);
  assert.equal(facts.linkCount, 1);
});

test("code languages are counted, the most frequent first", () => {
  assert.deepEqual(extractFacts(DOCUMENT).codeLanguages, [
    { language: "ts", blocks: 2 },
    { language: "sh", blocks: 1 },
  ]);
});

test("the key terms are what the document is about", () => {
  const { keyTerms } = extractFacts(DOCUMENT);
  assert.ok(
    keyTerms.slice(0, 3).some((term) => term.toLowerCase() === "token bucket"),
    keyTerms.join(", "),
  );
  assert.ok(keyTerms.includes("Rate limiting"), keyTerms.join(", "));
  assert.ok(!keyTerms.includes("the") && !keyTerms.includes("Details"), keyTerms.join(", "));
});

test("the sections are the headings of the two highest levels", () => {
  assert.deepEqual(extractFacts(DOCUMENT).sections, ["Rate limiting", "Token bucket"]);
});

test("the words of the prose are counted, and the minutes to read them", () => {
  const document = parseMarkdown(`# One two\n\n${"word — (another) ".repeat(238)}\n\n\`\`\`\nnot counted\n\`\`\`\n`);
  const { words, readingMinutes } = extractFacts(document);
  assert.equal(words, 2 + 2 * 238);
  assert.equal(readingMinutes, 3);
});

test("signs are no words", () => {
  assert.equal(extractFacts(parseMarkdown("✅ → one, *two* 😀 – & #3 東京 (été) [四](#x)\n")).words, 6);
});

test("a document of which nothing is known has few facts", () => {
  assert.deepEqual(extractFacts(parseText("")), {
    dates: [],
    links: [],
    linkCount: 0,
    codeLanguages: [],
    keyTerms: [],
    sections: [],
    words: 0,
    readingMinutes: 0,
  });
});

test("facts are plain JSON and bounded, whatever the document says of itself", () => {
  const metadata = fc.dictionary(
    fc.constantFrom("title", "description", "date", "author", "authors", "tags", "keywords", "lang", "x"),
    fc.oneof(fc.anything(), fc.string(), fc.array(fc.string(), { maxLength: 50 })),
  );
  fc.assert(
    fc.property(metadata, fc.array(fc.lorem(), { maxLength: 20 }), (data, parts) => {
      const facts = extractFacts({ ...parseText(parts.join("\n\n")), metadata: data });
      assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts);
      assert.ok(JSON.stringify(facts).length < 100_000);
    }),
  );
});

test("behind the first 12,000 characters of prose, only headings make key terms, and dates are still found", () => {
  const beginning = "The lighthouse keeper waits.\n\n".repeat(500);
  const end = "Sandwiches of 4 March 2026.\n\n".repeat(500);
  const facts = extractFacts(parseMarkdown(`${beginning}${end}## Cheese\n\n## Cheese\n`));
  assert.ok(facts.keyTerms.includes("Cheese") && facts.keyTerms.includes("lighthouse keeper waits"));
  assert.ok(!facts.keyTerms.includes("Sandwiches"), facts.keyTerms.join(", "));
  assert.deepEqual(facts.dates, [{ date: "2026-03-04", from: "text" }]);
});

test("thousands of links, headings, dates and languages are cut to the first and counted", () => {
  const lines = Array.from({ length: 3000 }, (_, index) => {
    const day = new Date(Date.UTC(2000, 0, index + 1)).toISOString().slice(0, 10);
    return `# Part ${index}\n\n[x](https://example.org/${index}) on ${day}\n\n\`\`\`lang${index}\ncode\n\`\`\`\n`;
  });
  const facts = extractFacts(parseMarkdown(lines.join("\n")));
  assert.equal(facts.linkCount, 3000);
  assert.equal(facts.links.length, 100);
  assert.equal(facts.dates.length, 30);
  assert.equal(facts.sections.length, 40);
  assert.equal(facts.codeLanguages.length, 20);
  assert.ok(facts.keyTerms.length <= 12);
});

test("the extractor answers as the function does", async () => {
  const extractor = ruleBasedExtractor();
  assert.match(extractor.fingerprint, /rules v\d/u);
  assert.deepEqual(await extractor.extract(DOCUMENT), extractFacts(DOCUMENT));
});
