import { kindAt, LETTER, MARK, NUMBER } from "./character-kinds.ts";

const APOSTROPHE = 39;
const CURLY_APOSTROPHE = 0x2019;

/**
 * Finds the tokens of a text, one at a time: runs of letters, digits, underscores and, except at their beginning,
 * combining marks, with one apostrophe and the letters behind it. As a pattern,
 * `[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:['’]\p{L}+)?`; but what reads every word of every document must not make a string
 * for each, so the scanner says where the token stands, and hashes it on the way.
 */
export class TokenScanner {
  readonly text: string;
  /** Where the token stands in the text. */
  start = 0;
  end = 0;
  /** Of the token's code units; fit for looking it up, not to be kept. */
  hash = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Goes on to the next token; false when there is none. */
  next(): boolean {
    const { text } = this;
    let at = this.end;
    while (at < text.length && (kindAt(text, at) & (LETTER | NUMBER)) === 0) at++;
    this.start = at;
    if (at >= text.length) {
      this.end = text.length;
      return false;
    }
    at = this.#run(at, LETTER | NUMBER | MARK, 0);
    const code = text.charCodeAt(at);
    if (code === APOSTROPHE || code === CURLY_APOSTROPHE) {
      const end = this.#run(at + 1, LETTER, this.hash ^ code);
      if (end > at + 1) at = end;
    }
    this.end = at;
    return true;
  }

  /** Where the run of characters of these kinds ends. */
  #run(from: number, which: number, seed: number): number {
    const { text } = this;
    let hash = seed;
    let at = from;
    while (at < text.length && (kindAt(text, at) & which) !== 0) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
      at++;
    }
    if (at > from) this.hash = hash;
    return at;
  }
}
