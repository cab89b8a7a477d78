import assert from "node:assert/strict";
import { type ChunkingOptions, chunkingOptions } from "../../src/chunk/chunking-options.ts";
import { estimateTokens } from "../../src/chunk/estimate-tokens.ts";
import type { Chunk, ParsedDocument } from "../../src/model/document.ts";

/** Fails unless the chunks keep every law that the chunker promises for every document. */
export function assertLaws({ text }: ParsedDocument, chunks: readonly Chunk[], options: ChunkingOptions = {}): void {
  const { maxTokens, overlapTokens } = chunkingOptions(options);
  let covered = 0;
  let previousStart = -1;
  chunks.forEach((chunk, i) => {
    assert.equal(chunk.index, i);
    assert.equal(chunk.text, text.slice(chunk.start, chunk.end), `chunk ${i} is not the text at its offsets`);
    assert.notEqual(chunk.text.trim(), "", `chunk ${i} is blank`);
    assert.equal(chunk.text, chunk.text.trimEnd(), `chunk ${i} ends in white space`);
    assert.ok(chunk.start > previousStart, `chunk ${i} is out of order`);
    if (overlapTokens === 0) assert.ok(chunk.start >= covered, `chunk ${i} overlaps the one before`);
    assert.equal(text.slice(covered, Math.max(covered, chunk.start)).trim(), "", `text is lost before chunk ${i}`);
    assert.equal(chunk.tokens, estimateTokens(chunk.text), `chunk ${i} is counted wrong`);
    assert.ok(chunk.tokens <= maxTokens, `chunk ${i} has ${chunk.tokens} tokens`);
    assert.ok(!cutsCharacter(text, chunk.start) && !cutsCharacter(text, chunk.end), `chunk ${i} cuts a character`);
    previousStart = chunk.start;
    covered = Math.max(covered, chunk.end);
  });
  assert.equal(text.slice(covered).trim(), "", "text is lost behind the last chunk");
}

function cutsCharacter(text: string, at: number): boolean {
  const around = text.slice(Math.max(0, at - 1), at + 1);
  return at > 0 && (around === "\r\n" || /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(around));
}
