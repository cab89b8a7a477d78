/**
 * Cuts a document into passages for retrieval.
 *
 * A passage should be about one thing and be readable alone, so borders follow the document's structure, in this order:
 *
 * 1. *Sections.* A chunk does not reach over a heading, with three exceptions, all of which exist because a chunk of a
 *    few words is found for everything and answers nothing. A heading without text of its own goes with the section
 *    below it, and so do front matter and the like before the first heading. Tiny sections (`minTokens`) share a chunk
 *    as long as they lie under one heading, neighbours in the document, and the chunk itself is still tiny; none of
 *    this goes for a section that is to stand apart.
 * 2. *Blocks.* Within a section, chunks are filled with whole blocks as long as they fit; a block that fits into a
 *    chunk of its own is never cut, except for prose that would leave a heading behind alone.
 * 3. *Lines, sentences, words.* A block that fits into no chunk is cut there; see `cut.ts`.
 *
 * The laws, whatever the document: `text.slice(start, end) === chunk.text`; chunks come in order and (without
 * `overlapTokens`) do not overlap; together they hold every character that is not white space; none is empty, and none
 * is estimated at more than `maxTokens`. The time is linear in the length of the text.
 */
import type { Chunk, ParsedDocument } from "../model/document.ts";
import { trimEnd } from "../parse/characters.ts";
import { chunkingOptions, type ChunkingOptions } from "./chunking-options.ts";
import { cutWithin } from "./cut.ts";
import { QUARTERS_PER_TOKEN, reach, tokensOf, weigh } from "./estimate-tokens.ts";
import { type Item, itemsOf, startOfInk } from "./items.ts";
import { overlapStart } from "./overlap.ts";
import { type Section, sectionsOf } from "./sections.ts";

/** The document's passages; none for a blank document. Throws a `RangeError` for options that cannot be. */
export function chunkDocument(document: ParsedDocument, options: ChunkingOptions = {}): Chunk[] {
  const { maxTokens, minTokens, overlapTokens } = chunkingOptions(options);
  const packer = new Packer(document, maxTokens - overlapTokens, minTokens);
  for (const section of sectionsOf(document)) packer.add(section);
  return packer.finish().map((passage, index, all): Chunk => {
    const overlap = overlapTokens * QUARTERS_PER_TOKEN;
    const start = overlap === 0 ? passage.start : overlapStart(document.text, passage, all[index - 1], overlap);
    const text = document.text.slice(start, passage.end);
    const weight = passage.weight + weigh(document.text, start, passage.start);
    return { index, start, end: passage.end, text, headings: passage.path, tokens: tokensOf(weight) };
  });
}

/** A chunk in the making. */
interface Passage {
  readonly start: number;
  end: number;
  /** Of the text from `start` to `end`. */
  weight: number;
  path: readonly string[];
  /** Nothing but headings and text outside of blocks: it has no say in the path, and nothing to say alone. */
  bare: boolean;
  /** It begins where a section begins; a passage that does not goes on with the section of the one before. */
  readonly opensSection: boolean;
}

class Packer {
  readonly #document: ParsedDocument;
  readonly #max: number;
  readonly #min: number;
  readonly #maxIndent: number;
  readonly #done: Passage[] = [];
  #open: Passage | undefined;

  constructor(document: ParsedDocument, maxTokens: number, minTokens: number) {
    this.#document = document;
    this.#max = maxTokens * QUARTERS_PER_TOKEN;
    this.#min = minTokens * QUARTERS_PER_TOKEN;
    this.#maxIndent = this.#max >> 4;
  }

  add(section: Section): void {
    this.#meet(section);
    let isFirst = true;
    for (const item of itemsOf(this.#document, section, this.#maxIndent)) {
      this.#put(item, section, isFirst);
      isFirst = false;
    }
  }

  finish(): readonly Passage[] {
    this.#flush();
    return this.#done;
  }

  /** Decides, at a section's heading, whether the open passage ends here or takes the section in. */
  #meet(section: Section): void {
    const open = this.#open;
    if (open === undefined) return;
    const shared = sharedPrefix(open.path, section.path);
    if (section.apart) {
      this.#flush();
    } else if (open.bare && shared.length === open.path.length && open.weight < this.#max / 2) {
      open.path = section.path;
    } else if (this.#mayShare(open, section, shared.length)) {
      open.path = shared;
    } else {
      this.#flush();
    }
  }

  #mayShare(open: Passage, section: Section, shared: number): boolean {
    const below = shared === open.path.length;
    const siblings = shared === open.path.length - 1 && section.path.length === open.path.length;
    if (!open.opensSection || open.weight >= this.#min || !(below || siblings)) return false;
    const { text } = this.#document;
    const end = trimEnd(text, section.start, section.end);
    if (reach(text, section.start, end, this.#min) < end) return false;
    return reach(text, open.end, end, this.#max - open.weight) === end;
  }

  #put(item: Item, section: Section, opensSection: boolean): void {
    const { text } = this.#document;
    const weight = weigh(text, item.start, item.end);
    const room = this.#room(item);
    if (weight <= room) this.#extend(item.start, item.end, weight, item, section, opensSection);
    else if (weight > this.#max || (this.#open?.bare === true && item.kind === "paragraph" && room >= this.#max / 2)) {
      this.#split(item, weight, section, opensSection);
    } else {
      this.#flush();
      this.#extend(item.start, item.end, weight, item, section, opensSection);
    }
  }

  /** What the open passage can still take, of an item at this place. */
  #room(item: Item): number {
    if (this.#open === undefined) return this.#max;
    return this.#max - this.#open.weight - weigh(this.#document.text, this.#open.end, item.start);
  }

  #split(item: Item, weight: number, section: Section, opensSection: boolean): void {
    const { text } = this.#document;
    let room = this.#room(item);
    // A piece beside an open passage only where that passage is too slight to stand alone.
    if (this.#open !== undefined && (room < this.#max / 2 || !(this.#open.bare || this.#open.weight < this.#min))) {
      this.#flush();
      room = this.#max;
    }
    let start = item.start;
    let left = weight;
    let isFirst = opensSection;
    while (start < item.end) {
      const cut = cutWithin(text, start, item.end, pieceBudget(room, this.#max, left), item.kind);
      const end = trimEnd(text, start, cut);
      const next = startOfInk(text, cut, item.end, this.#maxIndent);
      const pieceWeight = weigh(text, start, end);
      this.#extend(start, end, pieceWeight, item, section, isFirst);
      left -= pieceWeight + weigh(text, end, next);
      start = next;
      isFirst = false;
      if (start < item.end) this.#flush();
      room = this.#max;
    }
  }

  /** Adds text to the open passage, or opens one with it; it is known to fit. */
  #extend(start: number, end: number, weight: number, item: Item, section: Section, opensSection: boolean): void {
    const bare = item.kind === "heading" || item.kind === "rest";
    if (this.#open === undefined) {
      this.#open = { start, end, weight, path: section.path, bare, opensSection };
    } else {
      this.#open.weight += weigh(this.#document.text, this.#open.end, start) + weight;
      this.#open.end = end;
      this.#open.bare &&= bare;
    }
  }

  #flush(): void {
    if (this.#open !== undefined) this.#done.push(this.#open);
    this.#open = undefined;
  }
}

/** The last two pieces of a long block share what is left, so that no crumb remains. */
function pieceBudget(room: number, max: number, left: number): number {
  if (left <= room || left > room + max) return room;
  return Math.max(room >> 1, Math.min(room, Math.ceil(left / 2) + (max >> 4)));
}

function sharedPrefix(a: readonly string[], b: readonly string[]): readonly string[] {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
