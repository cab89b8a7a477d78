import type { Chunk, DocumentRecord } from "../../model/document.ts";
import { RecordError } from "../errors.ts";
import type { PackedDocument } from "./protocol.ts";

/**
 * Checks a record and packs it for the way to the store's thread. Throws {@link RecordError}. Everything that could
 * make the message itself fail (a function among the facts) is found here, where only this document suffers.
 */
export function packDocument(record: DocumentRecord): PackedDocument {
  try {
    return pack(record);
  } catch (error) {
    if (error instanceof RecordError) throw error;
    // A record that is not what its type says, made by a program without type checks.
    throw new RecordError(record.source, error instanceof Error ? error.message : String(error));
  }
}

function pack(record: DocumentRecord): PackedDocument {
  const { source, chunks, vectors } = record;
  checkText(record, "source", source);
  if (source === "") throw new RecordError("(no source)", "its source is empty");
  if (vectors.length !== chunks.length)
    throw new RecordError(source, `it has ${chunks.length} chunks, but ${vectors.length} vectors`);
  chunks.forEach((chunk, position) => checkChunk(record, chunk, position));
  const dimensions = vectors[0]?.length ?? 0;
  return {
    source,
    origin: record.origin.toWellFormed(),
    mediaType: record.mediaType.toWellFormed(),
    hash: record.hash,
    fingerprint: record.fingerprint,
    bytes: record.bytes,
    title: record.title?.toWellFormed() ?? null,
    summary: record.summary.toWellFormed(),
    facts: factsOf(record),
    texts: chunks.map(({ text }) => text),
    headings: chunks.map(({ headings }) => headings.map((heading) => heading.toWellFormed())),
    numbers: Float64Array.from(chunks.flatMap(({ start, end, tokens }) => [start, end, Math.round(tokens)])),
    dimensions,
    vectors: packVectors(record, dimensions),
  };
}

function checkChunk(record: DocumentRecord, chunk: Chunk, position: number): void {
  const { source } = record;
  if (chunk.index !== position)
    throw new RecordError(source, `chunk ${position} says that its index is ${chunk.index}`);
  if (!Number.isSafeInteger(chunk.start) || chunk.start < 0 || chunk.end - chunk.start !== chunk.text.length) {
    throw new RecordError(
      source,
      `chunk ${position} has ${chunk.text.length} characters, but goes from ${chunk.start} to ${chunk.end}`,
    );
  }
  if (!Number.isFinite(chunk.tokens)) throw new RecordError(source, `chunk ${position} has ${chunk.tokens} tokens`);
  checkText(record, `chunk ${position}`, chunk.text);
}

/** A lone surrogate cannot be written as UTF-8, so the text would come back changed. */
function checkText({ source }: DocumentRecord, name: string, text: string): void {
  if (!text.isWellFormed())
    throw new RecordError(source.toWellFormed(), `its ${name} holds half of a character (a lone surrogate)`);
}

function factsOf({ source, facts }: DocumentRecord): string {
  try {
    return JSON.stringify(facts);
  } catch (error) {
    throw new RecordError(source, `its facts are not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function packVectors({ source, vectors }: DocumentRecord, dimensions: number): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(vectors.length * dimensions);
  for (const [position, vector] of vectors.entries()) {
    if (vector.length !== dimensions) {
      throw new RecordError(
        source,
        `its first vector has ${dimensions} dimensions, that of chunk ${position} has ${vector.length}`,
      );
    }
    packed.set(vector, position * dimensions);
  }
  return packed;
}
