/**
 * The values that travel through the pipeline, in the order in which the stages make them:
 *
 *     RawDocument ──parse──▶ ParsedDocument ──chunk──▶ Chunk[] ──embed──▶ vectors ─┐
 *                                  ├──summarise──▶ string ─────────────────────────┼─▶ DocumentRecord
 *                                  └──extract────▶ Facts ──────────────────────────┘
 *
 * All of them are plain data, so that a stage can run in a worker thread or in another process.
 */

/** A document as its source gave it: bytes, not yet understood. */
export interface RawDocument {
  /** What identifies the document in the store: an absolute path or a URL. */
  readonly source: string;
  /** The argument that led here (a folder, a file, a glob, a URL); `prune` is scoped to it. */
  readonly origin: string;
  /** Such as `text/markdown`; decides the parser. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, in hexadecimal; nothing else (a touched file is not a changed file). */
  readonly hash: string;
}

export type BlockKind = "heading" | "paragraph" | "code" | "list" | "table" | "quote" | "html";

/** A structural part of a document's text: `text.slice(start, end)`. Blocks are in order and do not overlap. */
export interface Block {
  readonly kind: BlockKind;
  /** Offsets in UTF-16 code units of {@link ParsedDocument.text}. */
  readonly start: number;
  readonly end: number;
  /** Headings only: 1 to 6. */
  readonly level?: number;
  /** Headings only: the heading's words, without markup. */
  readonly title?: string;
  /** Headings only: what follows shares no passage with what comes before, however short it is (a page of a book). */
  readonly apart?: true;
  /** Code only, when the source says it. */
  readonly language?: string;
}

export interface Link {
  readonly text: string;
  readonly url: string;
}

/** A document that a parser understood. */
export interface ParsedDocument {
  readonly title: string | undefined;
  /**
   * The text that all offsets refer to. For Markdown and plain text it is the decoded file itself; for formats
   * that are not text, and for HTML, it is the text that the parser extracted.
   */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** What the document says of itself: front matter, `<meta>` elements. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A passage of a document; `document.text.slice(start, end) === text`, always. */
export interface Chunk {
  /** Its position among the document's chunks, from 0. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The path of headings above it, outermost first. */
  readonly headings: readonly string[];
  /** An estimate, unless the chunker counts exactly. */
  readonly tokens: number;
}

/** Structured facts; any JSON value under each name. */
export type Facts = Readonly<Record<string, unknown>>;

/** Everything about one document, as it goes into the store in one transaction. */
export interface DocumentRecord {
  readonly source: string;
  readonly origin: string;
  readonly mediaType: string;
  readonly hash: string;
  /** The fingerprint of the configuration that made this record. */
  readonly fingerprint: string;
  /** The size of the raw document in bytes. */
  readonly bytes: number;
  readonly title: string | undefined;
  readonly summary: string;
  readonly facts: Facts;
  readonly chunks: readonly Chunk[];
  /** One vector a chunk, in the order of `chunks`. */
  readonly vectors: readonly Float32Array[];
}

export type StageName = "get" | "parse" | "chunk" | "embed" | "summarize" | "extract" | "save";

/** A document that could not go in, and why. */
export interface Refusal {
  readonly source: string;
  readonly stage: StageName;
  readonly reason: string;
}
