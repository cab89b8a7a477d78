import { splitEmbeddingInput } from "./embedding-input.ts";
import { hashPair } from "./feature-hash.ts";
import type { Vocabulary, Word } from "./vocabulary.ts";
import { rawTokens } from "./words.ts";

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

interface Pair {
  readonly weight: number;
  count: number;
}

/** The features of one text and how often they occur. */
interface Counts {
  readonly words: Map<Word, number>;
  readonly pairs: Map<number, Pair>;
}

/**
 * The vector of one text, of length 1. A text without any word gets the vector whose numbers are all the same, which is
 * next to nothing. The same text gives the same numbers on every platform: there is nothing in it but integer
 * arithmetic, the four operations and a square root.
 */
export function lexicalVector(input: string, dimensions: number, vocabulary: Vocabulary): Float32Array {
  vocabulary.trim();
  const { context, text } = splitEmbeddingInput(input);
  const counts: Counts = { words: new Map(), pairs: new Map() };
  count(context, CONTEXT, counts, vocabulary);
  count(text, 1, counts, vocabulary);
  return ofLengthOne(sum(counts, dimensions));
}

function count(text: string, times: number, { words, pairs }: Counts, vocabulary: Vocabulary): void {
  let previous: Word | undefined;
  for (const raw of rawTokens(text)) {
    const reading = vocabulary.read(raw);
    for (const word of reading.words) {
      words.set(word, (words.get(word) ?? 0) + times);
      if (previous !== undefined) countPair(previous, word, times, pairs);
      previous = word;
    }
    if (reading.whole !== undefined) words.set(reading.whole, (words.get(reading.whole) ?? 0) + times);
  }
}

function countPair(left: Word, right: Word, times: number, pairs: Map<number, Pair>): void {
  const hash = hashPair(left.hash, right.hash);
  const pair = pairs.get(hash);
  if (pair === undefined) pairs.set(hash, { weight: Math.min(left.weight, right.weight), count: times });
  else pair.count += times;
}

function sum({ words, pairs }: Counts, dimensions: number): Float64Array {
  const sums = new Float64Array(dimensions);
  for (const [word, times] of words) {
    const weight = word.weight * saturated(times);
    add(sums, word.hash, weight);
    const share = (GRAMS * weight) / Math.sqrt(word.grams.length);
    for (const gram of word.grams) add(sums, gram, share);
  }
  for (const [hash, pair] of pairs) add(sums, hash, PAIRS * pair.weight * saturated(pair.count));
  return sums;
}

function saturated(times: number): number {
  return (times * (K + 1)) / (times + K);
}

/** The upper 31 bits of the hash choose the dimension, by scaling, which favours none; the lowest bit chooses the sign. */
function add(sums: Float64Array, hash: number, weight: number): void {
  const dimension = Math.floor(((hash >>> 1) / 0x80000000) * sums.length);
  sums[dimension] = (sums[dimension] ?? 0) + ((hash & 1) === 0 ? weight : -weight);
}

/** By index, in place: an iterator over the numbers takes longer than all the rest of this function. */
function ofLengthOne(sums: Float64Array): Float32Array {
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
