/**
 * The work on documents that keeps a processor busy. It runs in worker threads, so that the main loop stays free; each
 * function takes one value and returns (or resolves to) one that can be sent between threads.
 */
import { chunkDocument } from "../chunk/chunk-document.ts";
import type { ChunkingOptions } from "../chunk/chunking-options.ts";
import { embedTexts } from "../embed/lexical-embedder.ts";
import { extractFacts } from "../extract/rule-based-facts.ts";
import type { Chunk, Facts, ParsedDocument } from "../model/document.ts";
import { parseDocument, type ParseInput } from "../parse/parse-document.ts";
import { summarizeExtractively } from "../summarize/extractive-summary.ts";

export function parse(input: ParseInput): Promise<ParsedDocument> {
  return parseDocument(input);
}

export function chunk(input: { readonly document: ParsedDocument; readonly options: ChunkingOptions }): Chunk[] {
  return chunkDocument(input.document, input.options);
}

/** The vectors of the texts, one after the other in one array: hundreds of small ones take longer to send. */
export function embed(texts: readonly string[]): Float32Array {
  const vectors = embedTexts(texts);
  const all = new Float32Array(vectors.reduce((length, vector) => length + vector.length, 0));
  let end = 0;
  for (const vector of vectors) {
    all.set(vector, end);
    end += vector.length;
  }
  return all;
}

/** A document's summary and its facts. */
export interface Digest {
  readonly summary: string;
  readonly facts: Facts;
}

export function digest(document: ParsedDocument): Digest {
  return { summary: summarizeExtractively(document), facts: extractFacts(document) };
}
