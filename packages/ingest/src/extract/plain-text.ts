import type { Block, BlockKind, ParsedDocument } from "../model/document.ts";

/** A code span: backticks, what they hold, as many backticks. Marks inside it are no markup. */
const CODE_SPAN = /(`{1,3})([^`]+)\1/u;

const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/!\[[^\]]{0,500}\]\([^()\s]{0,2000}[^()]{0,200}\)/gu, ""],
  [/\[([^[\]]{0,500})\]\([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?[^()]{0,200}\)/gu, "$1"],
  [/\[([^[\]]{1,500})\]\[[^[\]]{0,200}\]/gu, "$1"],
  [/<(https?:[^<>\s]{1,2000})>/gu, "$1"],
  [/<!--.{0,2000}?-->/gsu, " "],
  [/<\/?[A-Za-z][^<>]{0,2000}>/gu, " "],
  [/(?<![\p{L}\p{N}*\\])\*{1,3}(?=\S)|(?<=[^\s\\])\*{1,3}(?![\p{L}\p{N}*])/gu, ""],
  [/(?<![\p{L}\p{N}_])(_{1,2})(\S[^_]{0,500}?)\1(?![\p{L}\p{N}_])/gu, "$2"],
  [/\\([!-/:-@[-`{-~])/gu, "$1"],
];

/** The beginnings of lines of quotes, lists and task lists. */
const LINE_MARKS = /^[ \t]*(?:>[ \t]?)*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?/gmu;

/** A stretch of Markdown as a reader sees it, in one line: no emphasis, no addresses of links, no tags, no line breaks. */
export function plainText(markdown: string): string {
  const pieces = markdown.replaceAll(LINE_MARKS, "").split(CODE_SPAN);
  let text = "";
  // Splitting by a pattern with two groups gives text, backticks, code, text, backticks, code, …
  for (const [index, piece] of pieces.entries()) {
    if (index % 3 === 0) text += withoutMarkup(piece);
    else if (index % 3 === 2) text += piece;
  }
  return text.replaceAll(/\s+/gu, " ").trim();
}

function withoutMarkup(text: string): string {
  let result = text;
  for (const [pattern, replacement] of MARKUP) result = result.replaceAll(pattern, replacement);
  return result;
}

/** One block is read so far; a longer paragraph is data, or a book without line breaks. */
const LONGEST_BLOCK = 20_000;

export interface ProseBlock {
  readonly block: Block;
  /** Plain, in one line. */
  readonly text: string;
}

/** The blocks of these kinds as plain text, in order, until about `most` characters have been read. */
export function* proseBlocks(
  document: ParsedDocument,
  kinds: ReadonlySet<BlockKind>,
  most: number,
): Generator<ProseBlock, void, undefined> {
  let read = 0;
  for (const block of document.blocks) {
    if (!kinds.has(block.kind)) continue;
    const end = Math.min(block.end, block.start + LONGEST_BLOCK);
    const text = block.kind === "heading" ? (block.title ?? "") : plainText(document.text.slice(block.start, end));
    if (text !== "") yield { block, text };
    read += end - block.start;
    if (read >= most) return;
  }
}
