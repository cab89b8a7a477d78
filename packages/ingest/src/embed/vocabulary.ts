import { hashText } from "./feature-hash.ts";
import { lightStem } from "./light-stem.ts";
import { TokenScanner } from "./token-scanner.ts";
import { COMMON_BELOW, wordWeight } from "./word-weights.ts";
import { tokenWords } from "./words.ts";

/** An identifier as a whole says something beside its words, but the words come again elsewhere. */
const WHOLE_IDENTIFIER = 0.5;
const GRAM_LENGTH = 4;
const GRAM_SEED = 7;
const LETTER = /\p{L}/u;

/** A folder of documentation has some 20,000 different tokens; each takes about 300 bytes. */
const MOST_ENTRIES = 32_768;
/** A power of two. */
const RECENT = 16_384;
/** A longer token is data, such as base64, and does not come again. */
const LONGEST_REMEMBERED = 64;

/** A word, but for its inflection: words with the same stem are the same object. */
export interface Word {
  /** Counts from 0 since the vocabulary was last emptied. */
  readonly id: number;
  readonly stem: string;
  readonly hash: number;
  /** How much it says, from above 0 to 1. */
  readonly weight: number;
  /** The hashes of its character n-grams; none for an identifier as a whole. */
  readonly grams: readonly number[];
}

/** A token, understood: its words in order, and the identifier that they form, if it is one. */
export interface Reading {
  /** The token as it was written. */
  readonly raw: string;
  readonly words: readonly Word[];
  readonly whole: Word | undefined;
  /** The stems of its words: the same for tokens that differ in inflection or case only. */
  readonly key: string;
  /** Whether it can be what a text is about: it has a letter, and a word that is not among the most common. */
  readonly telling: boolean;
}

/**
 * Remembers how tokens are read: texts repeat their words, and reading one for the first time takes fifty times as long.
 * It decides nothing, so that results are the same with a new vocabulary and with a used one.
 *
 * A token is looked up by where it stands, without making a string of it: first among the recent ones, where each has
 * one place that its hash names and newer ones displace it; then, as a string, among all.
 */
export class Vocabulary {
  readonly #recent: (Reading | undefined)[] = Array.from({ length: RECENT }, () => undefined);
  readonly #readings = new Map<string, Reading>();
  readonly #words = new Map<string, Word>();

  /** The words of a text, in order. */
  words(text: string): Word[] {
    const words: Word[] = [];
    const tokens = new TokenScanner(text);
    while (tokens.next()) for (const word of this.read(tokens).words) words.push(word);
    return words;
  }

  /** How the token at which the scanner stands is read. */
  read({ text, start, end, hash }: TokenScanner): Reading {
    const place = (hash ^ (hash >>> 15)) & (RECENT - 1);
    const recent = this.#recent[place];
    if (recent !== undefined && standsAt(recent.raw, text, start, end)) return recent;
    const raw = text.slice(start, end);
    const reading = this.#readings.get(raw) ?? this.#readAnew(raw);
    if (raw.length <= LONGEST_REMEMBERED) this.#recent[place] = reading;
    return reading;
  }

  /** Forgets everything once it is large. Only between two texts: within one, a word must stay the same object. */
  trim(): void {
    if (this.#readings.size < MOST_ENTRIES && this.#words.size < MOST_ENTRIES) return;
    this.#recent.fill(undefined);
    this.#readings.clear();
    this.#words.clear();
  }

  #readAnew(slice: string): Reading {
    const raw = ownCopy(slice);
    const parts = tokenWords(raw);
    const words = parts.map((part) => this.#word(part));
    const reading: Reading = {
      raw,
      words,
      whole: parts.length > 1 && raw.length > parts.length ? this.#whole(parts.join("_")) : undefined,
      key: words.length === 1 ? (words[0]?.stem ?? "") : words.map(({ stem }) => stem).join("_"),
      telling: words.some(({ weight }) => weight >= COMMON_BELOW) && LETTER.test(raw),
    };
    if (raw.length <= LONGEST_REMEMBERED) this.#readings.set(raw, reading);
    return reading;
  }

  #word(text: string): Word {
    const stem = lightStem(text);
    return this.#words.get(stem) ?? this.#remember(stem, wordWeight(stem), grams(stem));
  }

  #whole(name: string): Word {
    return this.#words.get(name) ?? this.#remember(name, WHOLE_IDENTIFIER, []);
  }

  #remember(stem: string, weight: number, hashes: readonly number[]): Word {
    const word: Word = { id: this.#words.size, stem, hash: hashText(stem), weight, grams: hashes };
    this.#words.set(stem, word);
    return word;
  }
}

/** V8 keeps a slice of this length or more as a view that holds the whole text in memory. */
const SHORTEST_VIEW = 13;

function ownCopy(slice: string): string {
  return slice.length < SHORTEST_VIEW ? slice : Buffer.from(slice, "utf16le").toString("utf16le");
}

function standsAt(raw: string, text: string, start: number, end: number): boolean {
  if (raw.length !== end - start) return false;
  for (let index = 0; index < raw.length; index++) {
    if (raw.charCodeAt(index) !== text.charCodeAt(start + index)) return false;
  }
  return true;
}

/** All runs of four characters of the word between marks of its two ends: `<par`, `pars`, `ars>`. */
function grams(stem: string): readonly number[] {
  const marked = `<${stem}>`;
  const hashes: number[] = [];
  for (let start = 0; start + GRAM_LENGTH <= marked.length; start++) {
    hashes.push(hashText(marked, start, start + GRAM_LENGTH, GRAM_SEED));
  }
  return hashes;
}

/** The vocabulary of this thread, shared by all that read texts in it: it only saves time. */
export const vocabulary: Vocabulary = new Vocabulary();
