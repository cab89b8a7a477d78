import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ParsedDocument } from "../../src/model/document.ts";
import { parseMarkdown } from "../../src/parse/markdown.ts";

/** Each block as its kind and its text. */
function blocksOf({ text, blocks }: ParsedDocument): [string, string][] {
  return blocks.map(({ kind, start, end }) => [kind, text.slice(start, end)]);
}

test("each kind of block is found with its exact text", () => {
  const parts: [string, string][] = [
    ["heading", "# Title"],
    ["paragraph", "Some *text*\nover two lines."],
    ["heading", "Setext\n======"],
    ["code", "```ts\nconst a = 1;\n\nconst b = 2;\n```"],
    ["paragraph", "Before code."],
    ["code", "    indented\n\n    code"],
    ["list", "- one\n- two\n\n  still two\n  - nested"],
    ["table", "| a | b |\n|---|---|\n| 1 | 2 |"],
    ["quote", "> quoted\nlazily"],
    ["html", "<div>\n<p>html</p>\n</div>"],
  ];
  const text = parts.map(([, part]) => part).join("\n\n");
  assert.deepEqual(blocksOf(parseMarkdown(text)), parts);
});

test("CRLF, lone CR and LF give the same blocks", () => {
  const source = "# T\n\nfirst\nsecond\n\n- a\n- b\n";
  for (const lineEnd of ["\r\n", "\r", "\n"]) {
    const text = source.replaceAll("\n", lineEnd);
    assert.deepEqual(
      blocksOf(parseMarkdown(text)).map(([kind, part]) => [kind, part.replaceAll(lineEnd, "\n")]),
      [
        ["heading", "# T"],
        ["paragraph", "first\nsecond"],
        ["list", "- a\n- b"],
      ],
    );
  }
});

test("blocks of any text are in order, do not overlap and are not blank", () => {
  const piece = fc.constantFrom(
    "#",
    " ",
    "\n",
    "\r\n",
    "\r",
    "-",
    ">",
    "`",
    "```",
    "|",
    "a",
    "    ",
    "\t",
    "<",
    "<p>",
    "1.",
    "===",
    "---\n",
    "[a]: b",
    "{",
    "}",
    "\uFEFF",
    "\u00A0",
    "字",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), fc.boolean(), (pieces, mdx) => {
      const text = pieces.join("");
      const document = parseMarkdown(text, { mdx });
      assert.equal(document.text, text);
      let last = 0;
      for (const block of document.blocks) {
        assert.ok(block.start >= last && block.end > block.start && block.end <= text.length);
        assert.notEqual(text.slice(block.start, block.end).trim(), "");
        last = block.end;
      }
    }),
    { numRuns: 1000 },
  );
});

test("a heading has its level and its words without markup", () => {
  const { blocks } = parseMarkdown(
    "## The `run` *function* [docs](x) &amp; more <a id='x'></a> ##\n\n### Anchored {#here}\n",
  );
  assert.deepEqual(
    blocks.map(({ level, title }) => [level, title]),
    [
      [2, "The run function docs & more"],
      [3, "Anchored"],
    ],
  );
});

test("code knows its language when the fence says it", () => {
  const languages = parseMarkdown("```TS filename='a.ts'\n```\n~~~ {.python}\n~~~\n```\n```\n").blocks.map(
    ({ language }) => language,
  );
  assert.deepEqual(languages, ["ts", "python", undefined]);
});

test("the title comes from front matter, else from the first heading of level 1, else from an HTML heading", () => {
  assert.equal(parseMarkdown("---\ntitle: From YAML\n---\n# Heading").title, "From YAML");
  assert.equal(parseMarkdown("## Second\n\n# First").title, "First");
  assert.equal(parseMarkdown('<h1 align="center"><img src="x">The <b>Tool</b></h1>\n\ntext').title, "The Tool");
  assert.equal(parseMarkdown("## Only second").title, undefined);
});

test("front matter becomes metadata and no block, behind a byte order mark as well", () => {
  const document = parseMarkdown("\uFEFF---\ntitle: T\ntags: [a, b]\nn: 3\n---\n\nText.\n");
  assert.deepEqual(document.metadata, { title: "T", tags: ["a", "b"], n: 3 });
  assert.deepEqual(blocksOf(document), [["paragraph", "Text."]]);
});

test("broken, unclosed, oversized, recursive and non-mapping front matter is ordinary text", () => {
  const bomb = `a: &a [x, x]\n${Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${i === 0 ? "*a" : `*b${i - 1}`}${", *a".repeat(30)}]`).join("\n")}`;
  for (const yaml of [
    "a: [1",
    "- a\n- b",
    "just words",
    "",
    "a: *nowhere",
    "[".repeat(20_000),
    `a: ${"x".repeat(70_000)}`,
    bomb,
  ]) {
    const document = parseMarkdown(`---\n${yaml}\n---\n\nText.\n`);
    assert.deepEqual(document.metadata, {}, yaml.slice(0, 40));
    assert.equal(document.blocks.at(-1)?.kind, "paragraph");
  }
  assert.deepEqual(parseMarkdown("---\ntitle: never closed\n\nText.").metadata, {});
});

test("in MDX, module statements and JSX are no prose, and indented text inside JSX is no code", () => {
  const text =
    'import { A } from "./a"\n\n<Card\n  title="x > y"\n  items={[{ a: 1 }]}\n/>\n\n{/* note */}\n\n<Tabs>\n\n    Indented words.\n\n</Tabs>\n\nText with <b>markup</b>.';
  const kinds = parseMarkdown(text, { mdx: true }).blocks.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["html", "html", "html", "html", "paragraph", "html", "paragraph"]);
});
