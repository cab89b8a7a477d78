import type { BlockKind } from "../model/document.ts";
import { characterBorder, isWhiteSpace } from "../parse/characters.ts";
import { reach } from "./estimate-tokens.ts";

/** Text whose lines mean something is cut between lines; other text between sentences. */
const BY_LINES: ReadonlySet<BlockKind | "rest"> = new Set(["code", "table", "list", "html", "rest"]);

/** How good a place is for a cut, from none at all to the best. */
const NONE = 0;
const WORD = 1;
const LINE = 2;
const SENTENCE = 3;

/**
 * Where to cut the text from `start` to `end`, which is too heavy to stay whole, so that the first part weighs at most
 * `budget`: at the last of the best places in the second half of what fits. The best places are sentence ends (line
 * ends, for text that consists of lines), the next best line ends, then gaps between words; if there is none, the cut
 * goes through a word, though never through a surrogate pair or a CRLF. Looking at one half only makes every part at
 * least half as long as it could be, and so the whole work linear.
 *
 * `start` stands on a character or on at most a sixteenth of a full chunk of indentation, and `budget` is at least a
 * quarter of a full chunk, which is 32 or more: so what is cut off always has a character in it.
 */
export function cutWithin(text: string, start: number, end: number, budget: number, kind: BlockKind | "rest"): number {
  const limit = reach(text, start, end, budget);
  if (limit === end) return end;
  const byLines = BY_LINES.has(kind);
  const least = start + ((limit - start) >> 1);
  let best = NONE;
  let place = characterBorder(text, limit);
  for (let at = limit; at > least; at--) {
    const quality = qualityOf(text, at, byLines);
    if (quality <= best) continue;
    best = quality;
    place = at;
    if (best === (byLines ? LINE : SENTENCE)) break;
  }
  return place;
}

/** How good a cut before the character at `at` is. */
function qualityOf(text: string, at: number, byLines: boolean): number {
  const before = text.charCodeAt(at - 1);
  if (!byLines && isWideStop(before)) return SENTENCE;
  const after = text.charCodeAt(at);
  if (!isWhiteSpace(after)) return isLineEnd(before) ? LINE : NONE;
  if (!byLines && endsSentence(text, at)) return SENTENCE;
  return isLineEnd(after) ? LINE : WORD;
}

/** Whether the characters before `at`, closing quotes and brackets aside, end a sentence. */
function endsSentence(text: string, at: number): boolean {
  for (let i = at - 1; i >= at - 4 && i >= 0; i--) {
    const char = text[i] ?? "";
    if (".!?…:".includes(char)) return true;
    if (!"\"')]}”’»*_`".includes(char)) return false;
  }
  return false;
}

function isWideStop(code: number): boolean {
  return code === 0x3002 || code === 0xff01 || code === 0xff1f;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}
