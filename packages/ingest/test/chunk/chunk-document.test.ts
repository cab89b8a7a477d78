import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkDocument } from "../../src/chunk/chunk-document.ts";
import { chunkerFingerprint, type ChunkingOptions } from "../../src/chunk/chunking-options.ts";
import { parseMarkdown } from "../../src/parse/markdown.ts";
import { parseText } from "../../src/parse/text.ts";
import { assertLaws } from "./laws.ts";

/** Each chunk of a Markdown text as its path of headings and its text. */
function chunksOf(text: string, options: ChunkingOptions = {}): [string, string][] {
  const document = parseMarkdown(text);
  const chunks = chunkDocument(document, options);
  assertLaws(document, chunks, options);
  return chunks.map((chunk) => [chunk.headings.join(" > "), chunk.text]);
}

/** A paragraph of so many estimated tokens. */
function words(tokens: number, word = "abc"): string {
  return Array.from({ length: tokens }, () => word).join(" ");
}

test("a blank document has no chunks, a short one has one", () => {
  assert.deepEqual(chunksOf(" \n\n\t"), []);
  assert.deepEqual(chunksOf("Just this.\n"), [["", "Just this."]]);
});

test("a section that is not tiny keeps to itself, under the path of its headings", () => {
  const sections = ["# T\n\n" + words(60), "## A\n\n" + words(60), "### A1\n\n" + words(60), "## B\n\n" + words(60)];
  assert.deepEqual(chunksOf(sections.join("\n\n")), [
    ["T", sections[0]],
    ["T > A", sections[1]],
    ["T > A > A1", sections[2]],
    ["T > B", sections[3]],
  ]);
});

test("a heading that skips levels is under the nearest heading above it", () => {
  const text = `# T\n\n${words(60)}\n\n#### Deep\n\n${words(60)}\n\n## Up\n\n${words(60)}`;
  assert.deepEqual(
    chunksOf(text).map(([path]) => path),
    ["T", "T > Deep", "T > Up"],
  );
});

test("a heading without text of its own, and front matter, go with the section below", () => {
  const text = `---\ntitle: T\n---\n\n# T\n\n## Part\n\n${words(100)}`;
  assert.deepEqual(chunksOf(text), [["T > Part", text]]);
});

test("tiny sections under one heading share a chunk until it is no longer tiny", () => {
  const section = (name: string): string => `## ${name}\n\n${words(20)}`;
  const text = ["# T", section("A"), section("B"), section("C"), section("D")].join("\n\n");
  assert.deepEqual(chunksOf(text), [
    ["T", ["# T", section("A"), section("B"), section("C")].join("\n\n")],
    ["T > D", section("D")],
  ]);
});

test("a tiny section does not join one that is not tiny, nor one under another heading", () => {
  const text = `# T\n\n${words(60)}\n\n## A\n\n${words(10)}\n\n## B\n\n${words(80)}\n\n### B1\n\n${words(10)}\n\n## C\n\n${words(10)}`;
  assert.deepEqual(
    chunksOf(text).map(([path]) => path),
    ["T", "T > A", "T > B", "T > B > B1", "T > C"],
  );
});

test("tiny sections that lie too far apart for one chunk keep their own paths", () => {
  const text = `# T\n\n${words(60)}\n\n## A\n\na${"\n".repeat(3000)}## B\n\nb`;
  assert.deepEqual(
    chunksOf(text).map(([path]) => path),
    ["T", "T > A", "T > B"],
  );
});

test("indentation as wide as a chunk is given up rather than kept alone", () => {
  for (let width = 1; width < 80; width++) {
    for (const before of ["", "a\n\n"]) {
      const document = parseText(`${before}${" ".repeat(width)}${words(50, "字字 😀")}`);
      assertLaws(document, chunkDocument(document, { maxTokens: 16 }), { maxTokens: 16 });
    }
  }
});

test("a list, a table and a code block that fit into a chunk stay whole", () => {
  const list = Array.from({ length: 15 }, (_, i) => `- item ${i} ${words(5)}`).join("\n");
  const table = `| a | b |\n|---|---|\n${Array.from({ length: 15 }, (_, i) => `| ${i} | ${words(5)} |`).join("\n")}`;
  const code = `\`\`\`js\n${Array.from({ length: 15 }, (_, i) => `call(${i}, "${words(4)}");`).join("\n")}\n\`\`\``;
  const chunks = chunksOf([words(90), list, words(90), table, words(90), code].join("\n\n"), { maxTokens: 180 });
  for (const block of [list, table, code]) assert.ok(chunks.some(([, text]) => text.includes(block)));
});

test("a code block that fits into no chunk is cut between lines, indentation kept", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `    call(${i}, ${i});`);
  const chunks = chunksOf(["```js", ...lines, "```"].join("\n"), { maxTokens: 60 });
  assert.ok(chunks.length > 5);
  assert.deepEqual(
    chunks.flatMap(([, text]) => text.split("\n")),
    ["```js", ...lines, "```"],
  );
});

test("a paragraph that fits into no chunk is cut between sentences", () => {
  const sentences = Array.from({ length: 60 }, (_, i) => `This is sentence number ${i}.`);
  const chunks = chunksOf(sentences.join(" "), { maxTokens: 50 });
  assert.ok(chunks.length > 5);
  for (const [, text] of chunks) assert.match(text, /^This is [^]*\.$/);
});

test("text without sentences is cut between words, and without words between characters", () => {
  for (const [, text] of chunksOf(words(500, "word"), { maxTokens: 40 })) assert.match(text, /^word( word)*$/);
  const emoji = chunksOf("😀".repeat(500), { maxTokens: 40 });
  assert.ok(emoji.every(([, text]) => text.isWellFormed()));
});

test("the last pieces of a long paragraph share what is left", () => {
  const sizes = chunkDocument(parseText(words(430)), { maxTokens: 400 }).map(({ tokens }) => tokens);
  assert.equal(sizes.length, 2);
  assert.ok(Math.min(...sizes) > 150, String(sizes));
});

test("prose does not leave its heading behind", () => {
  const text = `# ${words(20)}\n\n${words(395)}`;
  const [first] = chunksOf(text);
  assert.ok((first?.[1].length ?? 0) > 400);
});

test("overlap repeats the end of the chunk before, in whole words, inside a section only", () => {
  const text = `# A\n\n${words(300, "one")}\n\n# B\n\n${words(300, "two")}`;
  const document = parseMarkdown(text);
  const options = { maxTokens: 100, overlapTokens: 20 };
  const chunks = chunkDocument(document, options);
  assertLaws(document, chunks, options);
  chunks.forEach((chunk, i) => {
    const before = chunks[i - 1];
    if (before === undefined) return;
    const opens = chunk.text.startsWith("#");
    assert.equal(chunk.start < before.end, !opens, `chunk ${i}`);
    assert.match(chunk.text, /^(?:# |one\b|two\b)/);
  });
});

test("impossible options are refused with what is expected", () => {
  const expect = (options: ChunkingOptions, message: RegExp): void => {
    assert.throws(() => chunkDocument(parseText("x"), options), { name: "RangeError", message });
  };
  expect({ maxTokens: 4 }, /maxTokens: expected a whole number from 16 to \d+, got 4/);
  expect({ maxTokens: 100.5 }, /maxTokens.*100\.5/);
  expect({ maxTokens: 100, minTokens: 51 }, /minTokens: .* from 0 to 50, got 51/);
  expect({ maxTokens: 100, overlapTokens: -1 }, /overlapTokens/);
});

test("the fingerprint changes with each option and names the defaults", () => {
  assert.equal(chunkerFingerprint(), chunkerFingerprint({ maxTokens: 400, minTokens: 50, overlapTokens: 0 }));
  const all = [{}, { maxTokens: 300 }, { minTokens: 10 }, { overlapTokens: 10 }].map((options) =>
    chunkerFingerprint(options),
  );
  assert.equal(new Set(all).size, all.length);
});
