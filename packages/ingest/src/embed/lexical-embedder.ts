import type { Embedder } from "../model/interfaces.ts";
import { lexicalVector } from "./lexical-vector.ts";
import { vocabulary } from "./vocabulary.ts";

export interface LexicalEmbeddingOptions {
  /** From 16 to 4096; 384 unless told. */
  readonly dimensions?: number;
}

/**
 * More dimensions find a little more by vector alone, but not in hybrid search (measured from 256 to 768 on the
 * development half of the known-answer sets in `bench/quality`), and cost space and time in proportion.
 */
const DIMENSIONS = 384;
const FEWEST_DIMENSIONS = 16;
const MOST_DIMENSIONS = 4096;

/**
 * The vectors of texts, one for each, in the same order: see `lexical-vector.ts` for what is in them. A pure function:
 * passages (put together by `embeddingInput`) and queries are embedded alike. Throws a RangeError for dimensions that it
 * cannot do.
 */
export function embedTexts(texts: readonly string[], options: LexicalEmbeddingOptions = {}): Float32Array[] {
  const dimensions = checkedDimensions(options.dimensions ?? DIMENSIONS);
  return texts.map((text) => lexicalVector(text, dimensions, vocabulary));
}

/**
 * The embedder that needs no key, no download and no network. It is lexical: it finds texts that share words, parts of
 * words and neighbouring words with the query, and does not know that a car is an automobile. It works in the calling
 * thread, a tenth of a millisecond or so for a passage of 2,000 characters.
 */
export function lexicalEmbedder(options: LexicalEmbeddingOptions = {}): Embedder {
  const dimensions = checkedDimensions(options.dimensions ?? DIMENSIONS);
  return {
    fingerprint: `lexical-hash v1, ${dimensions} dimensions`,
    dimensions,
    batch: { items: 256, tokens: 100_000 },
    embed: (texts) => Promise.resolve(embedTexts(texts, { dimensions })),
  };
}

function checkedDimensions(dimensions: number): number {
  if (Number.isInteger(dimensions) && dimensions >= FEWEST_DIMENSIONS && dimensions <= MOST_DIMENSIONS) {
    return dimensions;
  }
  throw new RangeError(
    `the lexical embedder makes vectors of ${FEWEST_DIMENSIONS} to ${MOST_DIMENSIONS} whole dimensions, not of ${dimensions}`,
  );
}
