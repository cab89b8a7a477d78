/** One's own parts for the pipeline, each in the few lines that it takes. */
import { createHash } from "node:crypto";
import type { Chunk, Chunker, Embedder, Extractor, Parser, RawDocument, Source, Summarizer } from "@tsyncio/ingest";

/** Documents that are in memory already. */
export function memorySource(origin: string, documents: Readonly<Record<string, string | Uint8Array>>): Source {
  return {
    origin,
    async *documents() {
      for (const [name, content] of Object.entries(documents)) yield rawDocument(origin, name, content);
    },
  };
}

export function rawDocument(origin: string, name: string, content: string | Uint8Array): RawDocument {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { source: `${origin}/${name}`, origin, mediaType: "text/plain", bytes, hash };
}

/** A document is its text; the first line is its title. */
export const plainParser: Parser = {
  fingerprint: "plain/1",
  accepts: (mediaType) => mediaType === "text/plain",
  parse: async ({ bytes }) => {
    const text = new TextDecoder().decode(bytes);
    return { title: text.split("\n")[0], text, blocks: [], links: [], metadata: {} };
  },
};

/** A passage a line. */
export const lineChunker: Chunker = {
  fingerprint: "lines/1",
  chunk: async ({ text }) =>
    Array.from(text.matchAll(/[^\n]+/g), (match, index): Chunk => {
      const start = match.index;
      return { index, start, end: start + match[0].length, text: match[0], headings: [], tokens: match[0].length };
    }),
};

/** Counts the letters a to d. */
export const letterEmbedder: Embedder = {
  fingerprint: "letters/1",
  dimensions: 4,
  batch: { items: 8, tokens: 1000 },
  embed: async (texts) => texts.map(letters),
};

export function letters(text: string): Float32Array {
  return Float32Array.from(["a", "b", "c", "d"], (letter) => 1 + text.split(letter).length);
}

export const firstWords: Summarizer = {
  fingerprint: "first-words/1",
  summarize: async ({ text }) => text.split(/\s+/).slice(0, 3).join(" "),
};

export const wordCount: Extractor = {
  fingerprint: "word-count/1",
  extract: async ({ text }) => ({ words: text.split(/\s+/).length }),
};

/** All of them: fast, and without worker threads. */
export const ownParts = {
  parsers: [plainParser],
  chunker: lineChunker,
  embedder: letterEmbedder,
  summarizer: firstWords,
  extractor: wordCount,
};
