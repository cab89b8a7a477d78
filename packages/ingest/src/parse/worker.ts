/**
 * What runs in a worker thread. Each function takes one argument and returns one value that can be sent between
 * threads, without waiting for anything: the calling thread ends the worker if a document takes too long.
 */
import { chunkDocument } from "../chunk/chunk-document.ts";
import type { ChunkingOptions } from "../chunk/chunking-options.ts";
import type { Chunk, ParsedDocument } from "../model/document.ts";
import { parseDocument, type ParseInput } from "./parse-document.ts";

export interface ChunkInput {
  readonly document: ParsedDocument;
  readonly chunking?: ChunkingOptions;
}

export interface ParseAndChunkInput extends ParseInput {
  readonly chunking?: ChunkingOptions;
}

export interface ParsedAndChunked {
  readonly document: ParsedDocument;
  readonly chunks: readonly Chunk[];
}

/** Bytes to a document; see {@link parseDocument} for what it throws. */
export function parse(input: ParseInput): ParsedDocument {
  return parseDocument(input);
}

/** A document to its passages. */
export function chunk({ document, chunking }: ChunkInput): readonly Chunk[] {
  return chunkDocument(document, chunking);
}

/** Both in one crossing between threads. */
export function parseAndChunk(input: ParseAndChunkInput): ParsedAndChunked {
  const document = parseDocument(input);
  return { document, chunks: chunkDocument(document, input.chunking) };
}
