import type { BlockKind, ParsedDocument } from "../model/document.ts";
import { skipWhiteSpace, trimEnd } from "../parse/characters.ts";
import type { Section } from "./sections.ts";

/** What a section is made of: its blocks, and text between them that belongs to none (`rest`), never blank. */
export interface Item {
  readonly kind: BlockKind | "rest";
  readonly start: number;
  readonly end: number;
}

/** The items of a section in order; together they hold all its characters that are no white space. */
export function* itemsOf(document: ParsedDocument, section: Section, maxIndent: number): Generator<Item> {
  const { text, blocks } = document;
  let at = section.start;
  for (let i = section.firstBlock; i < section.endBlock; i++) {
    const block = blocks[i];
    if (block === undefined) break;
    yield* inked(text, "rest", at, block.start, maxIndent);
    yield* inked(text, block.kind, block.start, block.end, maxIndent);
    at = block.end;
  }
  yield* inked(text, "rest", at, section.end, maxIndent);
}

function* inked(text: string, kind: Item["kind"], from: number, to: number, maxIndent: number): Generator<Item> {
  const start = startOfInk(text, from, to, maxIndent);
  const end = trimEnd(text, start, to);
  if (start < end) yield { kind, start, end };
}

/**
 * Where the text from `from` on begins: at the first character that is no white space, or, as indentation means
 * something in code and lists, at the start of its line if that lies behind `from` and the indentation is no more than
 * `maxIndent` characters.
 */
export function startOfInk(text: string, from: number, end: number, maxIndent: number): number {
  const ink = skipWhiteSpace(text, from, end);
  if (ink === end) return end;
  let at = ink;
  while (at > from && ink - at < maxIndent && isIndent(text.charCodeAt(at - 1))) at--;
  const atLineStart = at === 0 || isLineEnd(text.charCodeAt(at - 1));
  return atLineStart ? at : ink;
}

/** Only what weighs little: the promise that indentation leaves room for a character depends on it. */
function isIndent(code: number): boolean {
  return code === 32 || code === 9;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}
