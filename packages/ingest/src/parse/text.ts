import type { Block, ParsedDocument } from "../model/document.ts";
import { characterBorder, trimEnd } from "./characters.ts";

/** A paragraph longer than this is cut at a line's end (or, if it is one line, anywhere): a log has no blank lines. */
const MAX_BLOCK = 16_384;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Plain text as paragraphs, which blank lines separate. One pass, no regular expressions, blocks of bounded size: a log
 * of 200 MB is as good as a page. There is no title: plain text does not say which of its lines is one.
 */
export function parseText(text: string): ParsedDocument {
  const blocks: Block[] = [];
  /** The paragraph being read: where it starts and where its last line with a word ends; -1 between paragraphs. */
  let start = -1;
  let end = -1;
  const close = (): void => {
    if (start !== -1) blocks.push({ kind: "paragraph", start, end });
    start = -1;
  };
  for (let at = 0; at < text.length;) {
    const lineEnd = endOfLine(text, at);
    const inkEnd = trimEnd(text, at, lineEnd);
    if (inkEnd === at) close();
    else {
      if (start !== -1 && inkEnd - start > MAX_BLOCK) close();
      if (start === -1) start = at;
      for (; inkEnd - start > MAX_BLOCK; start = end) {
        end = characterBorder(text, start + MAX_BLOCK);
        blocks.push({ kind: "paragraph", start, end });
      }
      end = inkEnd;
    }
    at = nextLine(text, lineEnd);
  }
  close();
  return { title: undefined, text, blocks, links: [], metadata: {} };
}

/** The offset of the line's terminator (LF, CR or CRLF) or the end of the text. */
function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return at;
  }
  return text.length;
}

function nextLine(text: string, lineEnd: number): number {
  const isPair = text.charCodeAt(lineEnd) === CARRIAGE_RETURN && text.charCodeAt(lineEnd + 1) === LINE_FEED;
  return lineEnd + (isPair ? 2 : 1);
}
