import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { chunkDocument } from "../../src/chunk/chunk-document.ts";
import type { ChunkingOptions } from "../../src/chunk/chunking-options.ts";

import { parseHtml } from "../../src/parse/html.ts";
import { parseMarkdown } from "../../src/parse/markdown.ts";
import { parseText } from "../../src/parse/text.ts";
import { assertLaws } from "./laws.ts";

const options: fc.Arbitrary<ChunkingOptions> = fc.integer({ min: 16, max: 90 }).chain((maxTokens) =>
  fc.record({
    maxTokens: fc.constant(maxTokens),
    minTokens: fc.integer({ min: 0, max: maxTokens >> 1 }),
    overlapTokens: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: maxTokens >> 1 })),
  }),
);

/** Any code units at all, lone surrogates included, with those that matter to the chunker more often than by chance. */
const anyText = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom("a", "word", " ", ". ", "\n", "\r\n", "\r", "\t", "    ", "字", "。", "😀", "é"),
      },
      { weight: 1, arbitrary: fc.constantFrom("\uD83D", "\uDE00", "\uFEFF", "\u00A0", "\u2028", "\u3000", "\0") },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(" ", "\n", "x", "字", "😀", "-\n"), fc.nat(400))
          .map(([s, n]) => s.repeat(n)),
      },
    ),
    { maxLength: 200 },
  )
  .map((parts) => parts.join(""));

const words = fc
  .array(
    fc.constantFrom(
      "alpha",
      "beta.",
      "`code`",
      "[link](https://a.b)",
      "gamma,",
      "*emphasis*",
      "日本語。",
      "🚀",
      "\uD800",
      "x".repeat(99),
    ),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((list) => list.join(" "));

const block = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 6 }), words).map(([level, title]) => `${"#".repeat(level)} ${title.slice(0, 40)}`),
  fc.tuple(words, fc.constantFrom("===", "---")).map(([title, line]) => `${title.slice(0, 40)}\n${line}`),
  words,
  fc
    .tuple(fc.constantFrom("```", "~~~~", "```ts"), fc.array(words, { maxLength: 12 }))
    .map(([fence, lines]) => `${fence}\n${lines.join("\n  ")}\n${fence.slice(0, 3)}`),
  fc.array(words, { maxLength: 9 }).map((lines) => lines.map((line) => `    ${line}`).join("\n")),
  fc
    .array(fc.tuple(fc.constantFrom("- ", "  - ", "1. ", "* "), words), { maxLength: 9 })
    .map((items) => items.map((item) => item.join("")).join("\n")),
  fc
    .array(words, { minLength: 1, maxLength: 6 })
    .map((cells) => `| a | b |\n|---|---|\n${cells.map((cell) => `| ${cell} | x |`).join("\n")}`),
  words.map((text) => `> ${text}\n> > ${text}`),
  fc.constantFrom(
    "---",
    "<div>\n<p>html</p>\n</div>",
    "[a]: https://b.c 'd'",
    "<Card x={1}>",
    "import a from 'b'",
    "\t",
    "***",
    "<!--",
    "---\ntitle: x\n---",
  ),
);

const markdownText = fc
  .tuple(
    fc.constantFrom("\n", "\r\n", "\r"),
    fc.constantFrom("", "\uFEFF", "---\ntitle: T\n---\n"),
    fc.array(block, { maxLength: 25 }),
  )
  .map(([lineEnd, head, blocks]) => (head + blocks.join("\n\n")).replaceAll("\n", lineEnd));

test("chunks of any plain text keep the laws", () => {
  fc.assert(
    fc.property(anyText, options, (text, chunking) => {
      const document = parseText(text);
      assertLaws(document, chunkDocument(document, chunking), chunking);
    }),
    { numRuns: 400 },
  );
});

test("chunks of any Markdown, also of random characters taken for it, keep the laws", () => {
  fc.assert(
    fc.property(fc.oneof(markdownText, anyText), fc.boolean(), options, (text, mdx, chunking) => {
      const document = parseMarkdown(text, { mdx });
      assertLaws(document, chunkDocument(document, chunking), chunking);
    }),
    { numRuns: 400 },
  );
});

const tag = fc.constantFrom(
  ..."h1 h2 h4 p div ul ol li pre code table tr td th blockquote a br b main article nav svg title".split(" "),
);

const html = fc
  .array(
    fc.oneof(
      tag.map((name) => `<${name}>`),
      tag.map((name) => `</${name}>`),
      fc.constantFrom(
        "words ",
        "&amp;",
        "\n",
        "😀",
        "```",
        "| ",
        "<",
        '<a href="/x">',
        "<pre>\n  ",
        "word ".repeat(50),
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

test("chunks of any HTML keep the laws, and its blocks are in order, do not overlap and hold all the text", () => {
  fc.assert(
    fc.property(html, fc.boolean(), options, (source, xhtml, chunking) => {
      const document = parseHtml(source, { xhtml });
      assertLaws(document, chunkDocument(document, chunking), chunking);
      let end = 0;
      for (const block of document.blocks) {
        assert.ok(block.end > block.start);
        assert.equal(document.text.slice(end, block.start).trim(), "");
        assert.ok(block.start >= end);
        end = block.end;
      }
      assert.equal(document.text.slice(end), "");
    }),
    { numRuns: 600 },
  );
});
