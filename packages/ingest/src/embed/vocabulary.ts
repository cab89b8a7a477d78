import { hashText } from "./feature-hash.ts";
import { lightStem } from "./light-stem.ts";
import { wordWeight } from "./word-weights.ts";
import { rawTokens, tokenWords } from "./words.ts";

/** An identifier as a whole says something beside its words, but the words come again elsewhere. */
const WHOLE_IDENTIFIER = 0.5;
const GRAM_LENGTH = 4;
const GRAM_SEED = 7;
const MOST_ENTRIES = 20_000;

/** A word, but for its inflection: words with the same stem are the same object. */
export interface Word {
  readonly stem: string;
  readonly hash: number;
  /** How much it says, from above 0 to 1. */
  readonly weight: number;
  /** The hashes of its character n-grams; none for an identifier as a whole. */
  readonly grams: readonly number[];
}

/** A token, understood: its words in order, and the identifier that they form, if it is one. */
export interface Reading {
  readonly words: readonly Word[];
  readonly whole: Word | undefined;
}

/**
 * Remembers how tokens are read. Texts repeat their words: with it, embedding takes a third of the time. It
 * decides nothing, so that results are the same with a new vocabulary and with a used one.
 */
export class Vocabulary {
  readonly #readings = new Map<string, Reading>();
  readonly #words = new Map<string, Word>();

  /** The words of a text, in order. */
  words(text: string): Word[] {
    return rawTokens(text).flatMap((raw) => this.read(raw).words);
  }

  read(raw: string): Reading {
    const known = this.#readings.get(raw);
    if (known !== undefined) return known;
    // V8 keeps a slice as a view that holds the whole text in memory; what is remembered has to be a copy.
    const copy = Buffer.from(raw, "utf16le").toString("utf16le");
    const parts = tokenWords(copy);
    const reading: Reading = {
      words: parts.map((part) => this.#word(part)),
      whole: parts.length > 1 && copy.length > parts.length ? this.#whole(parts.join("_")) : undefined,
    };
    this.#readings.set(copy, reading);
    return reading;
  }

  /** Forgets everything once it is large. Only between two texts: within one, a word must stay the same object. */
  trim(): void {
    if (this.#readings.size < MOST_ENTRIES) return;
    this.#readings.clear();
    this.#words.clear();
  }

  #word(text: string): Word {
    const stem = lightStem(text);
    return this.#remember(stem, () => ({ stem, hash: hashText(stem), weight: wordWeight(stem), grams: grams(stem) }));
  }

  #whole(name: string): Word {
    return this.#remember(name, () => ({ stem: name, hash: hashText(name), weight: WHOLE_IDENTIFIER, grams: [] }));
  }

  #remember(key: string, make: () => Word): Word {
    let word = this.#words.get(key);
    if (word === undefined) {
      word = make();
      this.#words.set(key, word);
    }
    return word;
  }
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
