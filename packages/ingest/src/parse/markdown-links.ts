/**
 * Finds links in Markdown without building a tree of inline elements. Each character is looked at a bounded number of
 * times: brackets wait on a stack; what follows a closing one is read up to a limit; a link closes all brackets around
 * it (links do not nest), so that no text is copied twice; code spans look their end up in a table made once a block.
 */
import MarkdownIt from "markdown-it";
import type { Link } from "../model/document.ts";

/** A document with more links than this is a list of links; the first ones say what it is. */
const MAX_LINKS = 10_000;
/** Longer destinations and labels are not taken for links. CommonMark draws the line for labels at 999. */
const MAX_URL = 2_000;
const MAX_LABEL = 999;
const MAX_TEXT = 300;

const { normalizeReference, unescapeAll } = new MarkdownIt().utils;

const BACKSLASH = 92;
const BACKTICK = 96;
const BANG = 33;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const LESS = 60;
const GREATER = 62;
const COLON = 58;

/** 1 for what {@link LinkScanner.scan} stops at. */
const SIGNS = new Uint8Array(128);
for (const sign of [BACKSLASH, BACKTICK, OPEN_BRACKET, CLOSE_BRACKET, LESS, COLON]) SIGNS[sign] = 1;

export class LinkScanner {
  readonly links: Link[] = [];
  readonly #text: string;
  readonly #references: ReadonlyMap<string, string>;
  /** Offsets of the opening brackets that are still open in the stretch being scanned. */
  readonly #open: number[] = [];
  #end = 0;
  /** The last bracket passed: a label must not contain one. */
  #lastBracket = -1;

  /** `references`: what the document's reference definitions lead to, by normalised label. */
  constructor(text: string, references: Readonly<Record<string, { readonly href: string }>>) {
    this.#text = text;
    this.#references = new Map(Object.entries(references).map(([label, { href }]) => [label, href]));
  }

  /** Adds the links of one stretch of inline text to {@link links}. */
  scan(start: number, end: number): void {
    this.#end = end;
    this.#open.length = 0;
    this.#lastBracket = -1;
    const codeSpans = new CodeSpans(this.#text, end);
    let at = start;
    while (at < end && this.links.length < MAX_LINKS) {
      const code = this.#text.charCodeAt(at);
      if (code > 127 || SIGNS[code] === 0) at++;
      else if (code === BACKSLASH) at += 2;
      else if (code === BACKTICK) at = codeSpans.skip(at);
      else if (code === OPEN_BRACKET) at = this.#openBracket(at);
      else if (code === CLOSE_BRACKET) at = this.#closeBracket(at);
      else if (code === LESS) at = this.#angle(at);
      else at = this.#colon(at);
    }
  }

  #openBracket(at: number): number {
    this.#open.push(at);
    this.#lastBracket = at;
    return at + 1;
  }

  #closeBracket(at: number): number {
    const opened = this.#open.pop();
    const inner = this.#lastBracket;
    this.#lastBracket = at;
    if (opened === undefined) return at + 1;
    const isImage = this.#text.charCodeAt(opened - 1) === BANG;
    const found = this.#inline(at + 1) ?? this.#reference(opened, at, inner === opened);
    if (found === undefined) return at + 1;
    if (!isImage) {
      this.#add(plain(this.#text.slice(opened + 1, Math.min(at, opened + 1 + MAX_TEXT))), found.url);
      this.#open.length = 0;
    }
    return found.end;
  }

  /** `(destination "title")` at `at`. */
  #inline(at: number): Destination | undefined {
    if (this.#text.charCodeAt(at) !== OPEN_PAREN || at >= this.#end) return undefined;
    const from = this.#skipSpace(at + 1);
    const destination = this.#text.charCodeAt(from) === LESS ? this.#bracketed(from) : this.#bare(from);
    if (destination === undefined) return undefined;
    const end = this.#closeParen(destination.end);
    return end === undefined ? undefined : { url: destination.url, end };
  }

  #bracketed(from: number): Destination | undefined {
    const end = this.#find(GREATER, from + 1, LESS);
    return end === undefined ? undefined : { url: this.#text.slice(from + 1, end), end: end + 1 };
  }

  /** Up to a space or the parenthesis that closes the link; parentheses inside must balance. */
  #bare(from: number): Destination | undefined {
    const limit = Math.min(this.#end, from + MAX_URL);
    let depth = 0;
    let at = from;
    for (; at < limit; at++) {
      const code = this.#text.charCodeAt(at);
      if (code <= 32) break;
      if (code === BACKSLASH) at++;
      else if (code === OPEN_PAREN && ++depth > 32) return undefined;
      else if (code === CLOSE_PAREN && depth-- === 0) break;
      else if (code === CLOSE_BRACKET && this.#text.charCodeAt(at + 1) === OPEN_PAREN) return undefined;
    }
    return at >= limit ? undefined : { url: this.#text.slice(from, at), end: at };
  }

  /** The offset behind `)` at `at`, a title before it allowed. */
  #closeParen(at: number): number | undefined {
    let from = this.#skipSpace(at);
    const quote = this.#text.charCodeAt(from);
    if (from > at && (quote === 34 || quote === 39 || quote === OPEN_PAREN)) {
      const closer = quote === OPEN_PAREN ? CLOSE_PAREN : quote;
      const end = this.#find(closer, from + 1, OPEN_PAREN);
      if (end === undefined) return undefined;
      from = this.#skipSpace(end + 1);
    }
    return from < this.#end && this.#text.charCodeAt(from) === CLOSE_PAREN ? from + 1 : undefined;
  }

  /** `[text][label]`, `[label][]` and `[label]`. */
  #reference(opened: number, closed: number, flat: boolean): Destination | undefined {
    if (this.#references.size === 0) return undefined;
    let end = closed + 1;
    let label: string | undefined;
    if (this.#text.charCodeAt(end) === OPEN_BRACKET && end < this.#end) {
      const close = this.#find(CLOSE_BRACKET, end + 1, OPEN_BRACKET, MAX_LABEL);
      if (close !== undefined) {
        label = this.#text.slice(end + 1, close);
        end = close + 1;
      }
    }
    if (label === undefined || label.trim() === "") {
      if (!flat || closed - opened > MAX_LABEL) return undefined;
      label = this.#text.slice(opened + 1, closed);
    }
    const url = this.#references.get(normalizeReference(label));
    return url === undefined ? undefined : { url, end };
  }

  /** `<https://…>`, or an HTML or JSX tag with a literal `href`. */
  #angle(at: number): number {
    const end = this.#find(GREATER, at + 1, LESS);
    if (end === undefined) return at + 1;
    const inside = this.#text.slice(at + 1, end);
    if (/^[a-z][a-z0-9+.-]{1,31}:[^\s]*$/i.test(inside)) this.#add(inside, inside);
    else {
      const href = /\shref=(?:"([^"]*)"|'([^']*)')/i.exec(inside);
      const url = href?.[1] ?? href?.[2];
      if (url !== undefined) this.#add(this.#textUpToTag(end + 1), url);
    }
    return end + 1;
  }

  /** A bare `http://` or `https://` address. */
  #colon(at: number): number {
    if (!this.#text.startsWith("//", at + 1)) return at + 1;
    const start = this.#text.startsWith("https", at - 5) ? at - 5 : this.#text.startsWith("http", at - 4) ? at - 4 : -1;
    if (start === -1) return at + 1;
    const limit = Math.min(this.#end, start + MAX_URL);
    let end = at + 3;
    while (end < limit && !isUrlEnd(this.#text.charCodeAt(end))) end++;
    const url = this.#text.slice(start, end).replace(/[.,:;!?*_~]{1,8}$/, "");
    if (url.length > at + 3 - start) this.#add(url, url);
    return end;
  }

  #textUpToTag(from: number): string {
    const end = this.#find(LESS, from, LESS, MAX_TEXT) ?? from;
    return plain(this.#text.slice(from, end));
  }

  #add(text: string, url: string): void {
    const clean = url.includes("\\") || url.includes("&") ? unescapeAll(url) : url;
    if (clean !== "") this.links.push({ text: text === "" ? clean : text, url: clean });
  }

  /** The next `code` before `stop`, the end of the stretch, and `limit` characters. */
  #find(code: number, from: number, stop: number, limit: number = MAX_URL): number | undefined {
    const end = Math.min(this.#end, from + limit);
    for (let at = from; at < end; at++) {
      const found = this.#text.charCodeAt(at);
      if (found === code) return at;
      if (found === stop) return undefined;
      if (found === BACKSLASH) at++;
    }
    return undefined;
  }

  /** A bounded step over white space: longer runs occur only in what is no link. */
  #skipSpace(from: number): number {
    const end = Math.min(this.#end, from + 200);
    let at = from;
    while (at < end && this.#text.charCodeAt(at) <= 32) at++;
    return at;
  }
}

interface Destination {
  readonly url: string;
  readonly end: number;
}

/** Code spans: a run of backticks closes at the next run of the same length. */
class CodeSpans {
  readonly #text: string;
  readonly #end: number;
  /** For each length, where its last run starts; made when the first backtick is met. */
  #lastRun: Map<number, number> | undefined;

  constructor(text: string, end: number) {
    this.#text = text;
    this.#end = end;
  }

  /** The offset behind the code span that opens at `at`, or behind its backticks if they open none. */
  skip(at: number): number {
    const length = this.#runLength(at);
    this.#lastRun ??= this.#findLastRuns(at);
    if ((this.#lastRun.get(length) ?? -1) <= at) return at + length;
    let run = this.#nextRun(at + length);
    while (run < this.#end) {
      const runLength = this.#runLength(run);
      if (runLength === length) return run + length;
      run = this.#nextRun(run + runLength);
    }
    return at + length;
  }

  #findLastRuns(from: number): Map<number, number> {
    const last = new Map<number, number>();
    let run = from;
    while (run < this.#end) {
      const length = this.#runLength(run);
      last.set(length, run);
      run = this.#nextRun(run + length);
    }
    return last;
  }

  #nextRun(from: number): number {
    const at = this.#text.indexOf("`", from);
    return at === -1 ? this.#end : at;
  }

  #runLength(at: number): number {
    let end = at;
    while (end < this.#end && this.#text.charCodeAt(end) === BACKTICK) end++;
    return end - at;
  }
}

/** Link text as words: an image stands for its alternative text, and markers of emphasis and code go. */
function plain(source: string): string {
  const alt = /^\s*!\[([^\]]*)\]/.exec(source)?.[1];
  return (alt ?? source)
    .replaceAll(/[`*]|\\(?=[^\w\s])/g, "")
    .replaceAll(/\s{2,}|[^\S ]/g, " ")
    .trim();
}

function isUrlEnd(code: number): boolean {
  // White space, quotes, brackets of every kind, backtick, pipe (a table's next cell) and backslash.
  return (
    code <= 32 ||
    code === 34 ||
    code === 39 ||
    code === 40 ||
    code === 41 ||
    code === 60 ||
    code === 62 ||
    (code >= 91 && code <= 93) ||
    code === 96 ||
    (code >= 123 && code <= 125)
  );
}
