import { splitEmbeddingInput } from "./embedding-input.ts";
import { hashPair } from "./feature-hash.ts";
import { PairCounts } from "./pair-counts.ts";
import { Tally } from "./tally.ts";
import { TokenScanner } from "./token-scanner.ts";
import type { Vocabulary, Word } from "./vocabulary.ts";

/**
 * A vector that says which words a text has: similar for texts that share many and rare ones. It knows nothing of what
 * words mean.
 *
 * Every feature of the text is added, with a sign, to one dimension that its hash chooses (feature hashing: Weinberger,
 * Dasgupta, Langford, Smola and Attenberg, "Feature Hashing for Large Scale Multitask Learning", ICML 2009). The signs
 * make collisions cancel out on average, so that the cosine of two such vectors is, but for noise, the cosine of the
 * unbounded vectors of their features. The features are
 *
 *     word         its stem, weighted by how rare it is in technical English
 *     4-grams      of the stem; together GRAMS times the word's weight: other inflections, compounds, misspellings
 *     pairs        of neighbouring words; PAIRS times the lesser of the two weights
 *     identifier   as a whole, beside its words
 *
 * A feature that occurs n times counts n (K + 1) / (n + K), which grows more and more slowly, as in BM25. The words of the
 * context line (see `embedding-input.ts`) count CONTEXT times. All numbers were chosen on the development half of the
 * known-answer sets in `bench/quality`.
 */
const GRAMS = 1.2;
const PAIRS = 0.3;
const CONTEXT = 2;
const K = 2;

/** The features of the text at hand, how often they occur, and the vector that they add up to. */
const words = new Tally();
const pairs = new PairCounts();
let sums = new Float64Array();

/**
 * The vector of one text, of length 1. A text without any word gets the vector whose numbers are all the same, which is
 * next to nothing. The same text gives the same numbers on every platform: there is nothing in it but integer
 * arithmetic, the four operations and a square root.
 */
export function lexicalVector(input: string, dimensions: number, vocabulary: Vocabulary): Float32Array {
  vocabulary.trim();
  const { context, text } = splitEmbeddingInput(input);
  words.clear();
  pairs.clear();
  count(context, CONTEXT, vocabulary);
  count(text, 1, vocabulary);
  if (sums.length === dimensions) sums.fill(0);
  else sums = new Float64Array(dimensions);
  addFeatures();
  return sumsOfLengthOne();
}

function count(text: string, times: number, vocabulary: Vocabulary): void {
  let previous: Word | undefined;
  const tokens = new TokenScanner(text);
  while (tokens.next()) {
    const reading = vocabulary.read(tokens);
    for (const word of reading.words) {
      words.add(word, times);
      if (previous !== undefined) {
        pairs.add(hashPair(previous.hash, word.hash), Math.min(previous.weight, word.weight), times);
      }
      previous = word;
    }
    if (reading.whole !== undefined) words.add(reading.whole, times);
  }
}

function addFeatures(): void {
  for (const word of words.words) {
    const weight = word.weight * saturated(words.of(word));
    add(word.hash, weight);
    const share = (GRAMS * weight) / Math.sqrt(word.grams.length);
    for (const gram of word.grams) add(gram, share);
  }
  for (let place = 0; place < pairs.size; place++) {
    add(pairs.hashAt(place), PAIRS * pairs.weightAt(place) * saturated(pairs.countAt(place)));
  }
}

function saturated(times: number): number {
  return (times * (K + 1)) / (times + K);
}

/** The upper 31 bits of the hash choose the dimension, by scaling, which favours none; the lowest bit chooses the sign. */
function add(hash: number, weight: number): void {
  const dimension = Math.floor(((hash >>> 1) / 0x80000000) * sums.length);
  sums[dimension] = (sums[dimension] ?? 0) + ((hash & 1) === 0 ? weight : -weight);
}

/** By index, in place: an iterator over the numbers takes longer than all the rest of this function. */
function sumsOfLengthOne(): Float32Array {
  let square = 0;
  for (let index = 0; index < sums.length; index++) {
    const value = sums[index] ?? 0;
    square += value * value;
  }
  const vector = new Float32Array(sums.length);
  if (square === 0) return vector.fill(1 / Math.sqrt(sums.length));
  const scale = 1 / Math.sqrt(square);
  for (let index = 0; index < sums.length; index++) vector[index] = (sums[index] ?? 0) * scale;
  return vector;
}
