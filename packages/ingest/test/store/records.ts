import type { DocumentRecord } from "../../src/model/document.ts";

/** A small generator of pseudo-random numbers from 0 to 1 (mulberry32), so that a failing test can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A record whose chunks have these texts, and vectors that follow from `vectors` or from a seed. */
export function record(
  source: string,
  texts: readonly string[],
  overrides: Partial<DocumentRecord> & { readonly dimensions?: number } = {},
): DocumentRecord {
  const { dimensions = 4, ...rest } = overrides;
  const random = seeded(Array.from(source).reduce((sum, character) => sum * 31 + (character.codePointAt(0) ?? 0), 7));
  let offset = 0;
  const chunks = texts.map((text, index) => {
    const start = offset;
    offset += text.length;
    return { index, start, end: offset, text, headings: [`Part ${index}`], tokens: Math.ceil(text.length / 4) };
  });
  return {
    source,
    origin: "/docs",
    mediaType: "text/markdown",
    hash: `hash of ${texts.join("|")}`,
    fingerprint: "configuration",
    bytes: offset,
    title: `Title of ${source}`,
    summary: "A summary.",
    facts: { words: texts.length },
    chunks,
    vectors: chunks.map(() => Float32Array.from({ length: dimensions }, () => random() - 0.5)),
    ...rest,
  };
}

export const CONFIGURATION = { fingerprint: "configuration", embedder: "test embedder", dimensions: 4 } as const;
