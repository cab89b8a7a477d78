import { type Duration } from "tsyncio";
import type { ChunkingOptions } from "../chunk/chunking-options.ts";
import type { Chunker, Embedder, Extractor, Parser, Source, Store, Summarizer } from "../model/interfaces.ts";
import type { IngestEvent } from "./events.ts";

/** How much the pipeline does at once, and how long it waits. */
export interface IngestLimits {
  /** Files that are read at once. Default: 8. */
  readonly get?: number;
  /** Documents that are parsed at once, and cut into passages. Default: as many as the worker threads, and one. */
  readonly parse?: number;
  /** Documents that are embedded, summarised and mined for facts at once. Default: 64. */
  readonly enrich?: number;
  /** Calls of the embedder at once. Default: 4; no limit for one that limits itself. */
  readonly embed?: number;
  /** Documents that wait for a commit at once. Default: 64. */
  readonly save?: number;
  /** Documents between two stages. Default: 64. */
  readonly queuedDocuments?: number;
  /** Bytes of documents between two stages. Default: 64 MiB. */
  readonly queuedBytes?: number;
  /** Bytes of documents that are under way at once, as they were read. A larger document goes alone. Default: 128 MiB. */
  readonly bytesInFlight?: number;
  /** The largest document in bytes; larger ones are refused unread. Default: 64 MiB. */
  readonly documentBytes?: number;
  /**
   * How long one stage may take for one document, and one call of the embedder; then the document is refused. Waiting
   * for a worker thread of the default parts does not count. Default: `"60s"`.
   */
  readonly stageTime?: Duration;
}

/** Options of `ingest`. */
export interface IngestOptions {
  readonly store: Store;
  /** Default: Markdown, MDX, HTML, PDF, DOCX and plain text, in worker threads. The first that accepts a document reads it. */
  readonly parsers?: readonly Parser[];
  /** Default: along headings and blocks, up to 400 tokens. */
  readonly chunker?: Chunker;
  /** Options of the default chunker. */
  readonly chunking?: ChunkingOptions;
  /** Default: lexical, offline. */
  readonly embedder?: Embedder;
  /** Default: extractive, offline. */
  readonly summarizer?: Summarizer;
  /** Default: rules, offline. */
  readonly extractor?: Extractor;
  readonly limits?: IngestLimits;
  /** Globs of paths that are left out of folders and globs. */
  readonly exclude?: readonly string[];
  /** Whether documents that vanished from their source are removed, once all others are in. Default: false. */
  readonly prune?: boolean;
  /** Called for each thing that happens. What it throws ends the run. */
  readonly onEvent?: (event: IngestEvent) => void;
  /** How often a `progress` event comes. Default: `"1s"`. */
  readonly progressEvery?: Duration;
}

/** An argument of `ingest`: a path, a glob, or a source of one's own. */
export type SourceArgument = string | Source;
