import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseMarkdown } from "../../src/parse/markdown.ts";
import { parseText } from "../../src/parse/text.ts";
import { extractiveSummarizer, summarizeExtractively } from "../../src/summarize/extractive-summary.ts";

const LIGHTHOUSES = `# Lighthouses

A lighthouse is a tower with a bright lamp that guides ships at night. Click here.

Some people like sandwiches with cheese. The lamp of a lighthouse turns, so that ships see flashes and know which
lighthouse they see. It was sunny.

## Keepers

The keeper of a lighthouse lit the lamp every evening. Today most lamps are lit by a computer. These are the tools:

- oil
- matches

\`\`\`js
// The lighthouse lamp of ships is a lighthouse lamp for ships.
\`\`\`
`;

function sentencesOf(summary: string): string[] {
  return summary.split(/(?<=\.) /u);
}

test("a summary has two to four of the document's sentences, in their order", () => {
  const summary = summarizeExtractively(parseMarkdown(LIGHTHOUSES));
  const flat = LIGHTHOUSES.replaceAll("\n", " ");
  const places = sentencesOf(summary).map((sentence) => flat.indexOf(sentence));
  assert.ok(places.length >= 2 && places.length <= 4, summary);
  assert.ok(!places.includes(-1), summary);
  assert.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  );
});

test("the sentences are those about the subject, not the asides, the code or the announcement of a list", () => {
  const summary = summarizeExtractively(parseMarkdown(LIGHTHOUSES));
  assert.match(summary, /^A lighthouse is a tower/u);
  assert.doesNotMatch(summary, /sandwiches|sunny|Click here|tools|\/\//u);
});

test("the description of the front matter is the first sentence", () => {
  const summary = summarizeExtractively(
    parseMarkdown(`---\ntitle: Lighthouses\ndescription: All about towers with lamps\n---\n${LIGHTHOUSES}`),
  );
  assert.match(summary, /^All about towers with lamps\. \S/u);
  assert.ok(sentencesOf(summary).length <= 4);
});

test("a sentence that repeats the description is not added to it", () => {
  const first = "A lighthouse is a tower with a bright lamp that guides ships at night.";
  const summary = summarizeExtractively(parseMarkdown(`---\ndescription: ${first}\n---\n${LIGHTHOUSES}`));
  assert.equal(summary.split(first).length, 2);
});

test("markup does not get into the summary", () => {
  const summary = summarizeExtractively(
    parseMarkdown(
      "The **event loop** runs [tasks](https://example.org/a_(b)) until `await task_one` lets _another_ <b>one</b> run.",
    ),
  );
  assert.equal(summary, "The event loop runs tasks until await task_one lets another one run.");
});

test("a document without sentences is summarised by how its text begins", () => {
  assert.equal(summarizeExtractively(parseMarkdown("- oil\n- matches\n")), "oil matches");
  assert.equal(summarizeExtractively(parseText("Just a label")), "Just a label");
  assert.equal(summarizeExtractively(parseMarkdown("# Only a title\n")), "Only a title");
});

test("a document without words has the empty summary", () => {
  assert.equal(summarizeExtractively(parseText("")), "");
  assert.equal(summarizeExtractively(parseMarkdown("\n\n---\n")), "");
});

test("a summary stays short, whatever the document", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.lorem({ mode: "sentences", maxCount: 9 }), fc.string()), { maxLength: 12 }),
      (parts) => {
        const text = parts.join("\n\n");
        for (const document of [parseMarkdown(text), parseText(text)]) {
          const summary = summarizeExtractively(document);
          assert.ok(summary.length <= 701, `${summary.length}`);
          assert.ok(summary.isWellFormed() || !text.isWellFormed());
          assert.ok(!summary.includes("\n"));
        }
      },
    ),
  );
});

test("only the beginning of a huge document is read", () => {
  const beginning = `${"The keeper lit the lamp of the tower again. ".repeat(20)}\n\n`.repeat(100);
  const rest = "Nobody has ever seen a tower, a lamp or a keeper like this one.\n\n".repeat(50_000);
  assert.equal(summarizeExtractively(parseText(beginning + rest)), summarizeExtractively(parseText(beginning)));
});

test("one paragraph of a megabyte, without any full stop, is cut between words", () => {
  const summary = summarizeExtractively(parseText("lamp tower ".repeat(100_000)));
  assert.ok(summary.length <= 401);
  assert.match(summary, /(?:lamp|tower)…$/u);
});

test("the summarizer answers as the function does", async () => {
  const document = parseMarkdown(LIGHTHOUSES);
  const summarizer = extractiveSummarizer();
  assert.match(summarizer.fingerprint, /extractive v\d/u);
  assert.equal(await summarizer.summarize(document), summarizeExtractively(document));
});
