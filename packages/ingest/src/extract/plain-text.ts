import type { Block, BlockKind, ParsedDocument } from "../model/document.ts";

/** A code span: backticks, what they hold, as many backticks. Marks inside it are no markup. */
const CODE_SPAN = /(`{1,3})([^`]+)\1/u;

/** Each with a sign without which it cannot match: looking for that is cheap, and most text has none of them. */
const MARKUP: readonly (readonly [sign: string, pattern: RegExp, replacement: string])[] = [
  ["![", /!\[[^\]]{0,500}\]\([^()\s]{0,2000}[^()]{0,200}\)/gu, ""],
  ["](", /\[([^[\]]{0,500})\]\([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?[^()]{0,200}\)/gu, "$1"],
  ["][", /\[([^[\]]{1,500})\]\[[^[\]]{0,200}\]/gu, "$1"],
  ["<http", /<(https?:[^<>\s]{1,2000})>/gu, "$1"],
  ["<!--", /<!--.{0,2000}?-->/gsu, " "],
  ["<", /<\/?[A-Za-z][^<>]{0,2000}>/gu, " "],
  ["*", /(?<![\p{L}\p{N}*\\])\*{1,3}(?=\S)|(?<=[^\s\\])\*{1,3}(?![\p{L}\p{N}*])/gu, ""],
  ["_", /(?<![\p{L}\p{N}_])(_{1,2})(\S[^_]{0,500}?)\1(?![\p{L}\p{N}_])/gu, "$2"],
  ["\\", /\\([!-/:-@[-`{-~])/gu, "$1"],
];

/** The beginnings of lines of quotes, lists and task lists, and indentation. */
const LINE_MARKS =
  /^[ \t]*(?:(?:>[ \t]?)+(?:(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?|(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)|^[ \t]+/gmu;
/** Whether there is any, told by the first characters of lines. */
const LINE_MARK = /^[ \t>+*\d-]|\n[ \t>+*\d-]|[\r\u2028\u2029]/u;

/** White space that is not one blank between words. */
const UNEVEN_SPACE = /\s{2,}|[^\S ]/gu;

/** A stretch of Markdown as a reader sees it, in one line: no emphasis, no addresses of links, no tags, no line breaks. */
export function plainText(markdown: string): string {
  const source = LINE_MARK.test(markdown) ? markdown.replaceAll(LINE_MARKS, "") : markdown;
  const text = source.includes("`") ? withoutCodeMarks(source) : withoutMarkup(source);
  return text.replaceAll(UNEVEN_SPACE, " ").trim();
}

function withoutCodeMarks(source: string): string {
  const pieces = source.split(CODE_SPAN);
  let text = "";
  // Splitting by a pattern with two groups gives text, backticks, code, text, backticks, code, …
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? "";
    if (index % 3 === 0) text += withoutMarkup(piece);
    else if (index % 3 === 2) text += piece;
  }
  return text;
}

function withoutMarkup(text: string): string {
  let result = text;
  for (const [sign, pattern, replacement] of MARKUP) {
    if (result.includes(sign)) result = result.replaceAll(pattern, replacement);
  }
  return result;
}

/** One block is read so far; a longer paragraph is data, or a book without line breaks. */
const LONGEST_BLOCK = 20_000;

export interface ProseBlock {
  readonly block: Block;
  /** As it stands in the document; of a heading, its words. */
  readonly markdown: string;
  /** How many characters of blocks of these kinds stand before it. */
  readonly before: number;
}

/** The blocks of these kinds, in order, until about `most` characters have been read. */
export function* proseBlocks(
  { text, blocks }: ParsedDocument,
  kinds: ReadonlySet<BlockKind>,
  most: number,
): Generator<ProseBlock, void, undefined> {
  let before = 0;
  for (const block of blocks) {
    if (!kinds.has(block.kind)) continue;
    if (before >= most) return;
    const end = Math.min(block.end, block.start + LONGEST_BLOCK);
    const markdown = block.kind === "heading" ? (block.title ?? "") : text.slice(block.start, end);
    yield { block, markdown, before };
    before += end - block.start;
  }
}
