import { QUARTERS_PER_TOKEN, reach } from "../chunk/estimate-tokens.ts";
import type { ParsedDocument } from "../model/document.ts";

/**
 * A document's text in parts of at most so many estimated tokens, cut between blocks where one ends in the second half
 * of a part, otherwise wherever the part is full.
 */
export function textParts(
  { text, blocks }: Pick<ParsedDocument, "text" | "blocks">,
  tokens: number,
): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = reach(text, start, text.length, tokens * QUARTERS_PER_TOKEN);
    const cut =
      end === text.length ? end : (lastBlockEnd(blocks, start + (end - start) / 2, end) ?? afterPair(text, end));
    parts.push(text.slice(start, cut));
    start = cut;
  }
  return parts.filter((part) => part.trim() !== "");
}

function lastBlockEnd(blocks: ParsedDocument["blocks"], from: number, to: number): number | undefined {
  return blocks.findLast(({ end }) => end >= from && end <= to)?.end;
}

/** Not between the two halves of a character beyond the basic plane. */
function afterPair(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code < 0xdc00 ? at + 1 : at;
}
