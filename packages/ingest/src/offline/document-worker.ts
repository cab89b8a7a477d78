/**
 * The work on documents that keeps a processor busy. It runs in worker threads, so that the main loop stays free; each
 * function takes one value and returns one that can be sent between threads, and waits for nothing.
 */
import { chunkDocument } from "../chunk/chunk-document.ts";
import type { ChunkingOptions } from "../chunk/chunking-options.ts";
import { embedTexts } from "../embed/lexical-embedder.ts";
import { extractFacts } from "../extract/rule-based-facts.ts";
import type { Chunk, Facts, ParsedDocument } from "../model/document.ts";
import { parseDocument, type ParseInput } from "../parse/parse-document.ts";
import { summarizeExtractively } from "../summarize/extractive-summary.ts";

export function parse(input: ParseInput): ParsedDocument {
  return parseDocument(input);
}

export function chunk(input: { readonly document: ParsedDocument; readonly options: ChunkingOptions }): Chunk[] {
  return chunkDocument(input.document, input.options);
}

export function embed(texts: readonly string[]): Float32Array[] {
  return embedTexts(texts);
}

/** A document's summary and its facts. */
export interface Digest {
  readonly summary: string;
  readonly facts: Facts;
}

export function digest(document: ParsedDocument): Digest {
  return { summary: summarizeExtractively(document), facts: extractFacts(document) };
}
