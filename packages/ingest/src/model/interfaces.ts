import type { ServiceUsage } from "../models/usage.ts";
import type { Chunk, DocumentRecord, Facts, ParsedDocument, RawDocument, Refusal } from "./document.ts";

/**
 * The replaceable parts of the pipeline. Each has a `fingerprint`: a short string that changes when its output for
 * the same input would change (its name, its version, its options). The pipeline hashes the fingerprints together
 * and does a document again when the result differs from the one it was stored with.
 */
interface Fingerprinted {
  readonly fingerprint: string;
}

/** What a part that asks a service may have besides. */
interface ServiceBacked {
  /** Whether it keeps its calls within limits of number and time by itself: then the pipeline sets none. */
  readonly selfLimiting?: boolean;
  /** What its calls have come to so far; the report tells it. */
  usage?(): ServiceUsage;
}

/** What the pipeline hands to a part along with a document. */
export interface PartContext {
  /** Where a part keeps the answers of its service; undefined if the store keeps none. */
  readonly answers?: AnswerCache | undefined;
}

/** Where documents come from. Read lazily: the pipeline takes the next item when it has room for it. */
export interface Source {
  /** What the source is called in messages, and what `prune` is scoped to. */
  readonly origin: string;
  /**
   * The documents, or a {@link Refusal} for one that could not be read. A thrown error means that the source as a
   * whole is unusable (a missing folder) and fails the run, once the documents of the other sources are in.
   */
  documents(): AsyncIterable<RawDocument | Refusal>;
  /**
   * The same, found and not read yet, if the source can do that: the pipeline then knows early how much there is, and
   * reads several at once.
   */
  entries?(): AsyncIterable<SourceEntry>;
}

/** A document that was found and not read yet. */
export interface SourceEntry {
  readonly source: string;
  readonly origin: string;
  /** `inode/directory` stands for a folder that could not be looked into: then its origin is not pruned. */
  readonly mediaType: string;
  /** Reads it; a {@link Refusal} says why it cannot be read. Several entries may be read at once. */
  read(): Promise<RawDocument | Refusal>;
}

/** Turns bytes into text with structure. Throws for a document that it cannot read: that document is refused. */
export interface Parser extends Fingerprinted {
  accepts(mediaType: string): boolean;
  parse(document: RawDocument): Promise<ParsedDocument>;
}

/** Cuts a document into passages. */
export interface Chunker extends Fingerprinted {
  chunk(document: ParsedDocument): Promise<readonly Chunk[]>;
}

/** What an embedder is asked: a stored passage and a question may be embedded differently. */
export type EmbeddingKind = "document" | "query";

/** Turns texts into vectors of `dimensions` numbers. */
export interface Embedder extends Fingerprinted, ServiceBacked {
  readonly dimensions: number;
  /** Called once before a run, and before `dimensions` is read: for what only the service knows. */
  prepare?(): Promise<void>;
  /** Whether its vectors are kept in the store, because they cost more than looking them up. Default: false. */
  readonly paid?: boolean;
  /** The most texts, and the most estimated tokens, that one call may carry. */
  readonly batch: { readonly items: number; readonly tokens: number };
  /** One vector a text, in the same order. */
  embed(texts: readonly string[], kind: EmbeddingKind): Promise<readonly Float32Array[]>;
}

/** Says in a few sentences what a document is about. */
export interface Summarizer extends Fingerprinted, ServiceBacked {
  summarize(document: ParsedDocument, context?: PartContext): Promise<string>;
}

/** Draws structured facts from a document. */
export interface Extractor extends Fingerprinted, ServiceBacked {
  extract(document: ParsedDocument, context?: PartContext): Promise<Facts>;
}

export type SearchMode = "hybrid" | "vector" | "text";

/** Restricts a search to the documents for which all of it holds. */
export interface SearchFilter {
  /** A glob over the source, such as `/srv/docs/*.md`, or a plain prefix of it. */
  readonly source?: string;
  readonly mediaType?: string;
}

export interface StoreQuery {
  readonly text: string;
  /** The embedded query; needed by the modes `hybrid` and `vector`. */
  readonly vector: Float32Array | undefined;
  readonly mode: SearchMode;
  readonly k: number;
  readonly filter: SearchFilter | undefined;
}

export interface SearchHit {
  readonly source: string;
  readonly title: string;
  readonly headings: readonly string[];
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Higher is better; comparable within one answer only. */
  readonly score: number;
}

export interface StoreStatus {
  readonly documents: number;
  readonly chunks: number;
  readonly refused: number;
  /** The size of the stored documents, as they were read. */
  readonly bytes: number;
  /** The store's address, without a password. */
  readonly store: string;
  /** The configuration of the newest run, or null before the first. */
  readonly fingerprint: string | null;
  /** Whether vectors are found through an index, or each is compared; the answers are the same. */
  readonly vectorSearch: "indexed" | "exact";
}

/**
 * How one document of a `save` fared. A `StoreError` means that the store is at fault (locked, full, read-only…) and
 * the next documents will most likely fare the same; any other error is about this document alone.
 */
export type SaveOutcome =
  | { readonly source: string; readonly error: undefined }
  | { readonly source: string; readonly error: Error };

/** What a document was stored with; decides whether it must be done again. */
export interface Known {
  readonly hash: string;
  readonly fingerprint: string;
}

export interface StoreConfiguration {
  readonly fingerprint: string;
  readonly dimensions: number;
  /** The fingerprint of the embedder: vectors are compared only with vectors of the same one. */
  readonly embedder: string;
}

/**
 * Answers of services, kept by a key that says what was asked of whom. What was paid for once is not paid for again:
 * not after a kill, and not when another part of the configuration has changed.
 */
export interface AnswerCache {
  /** The kept answers among these keys. */
  get(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Keeps answers; they are durable when it resolves. */
  put(answers: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/**
 * Where documents stay. Every method waits until its effect is durable, and none leaves half a document: a
 * cancelled call either happened whole or not at all.
 */
export interface Store {
  readonly address: string;
  /** Without one, answers of services are not kept. */
  readonly answers?: AnswerCache;
  /**
   * Says which vectors the store is about to hold; needed before the first `save`. Vectors of another embedder stay,
   * unsearched, until their document is saved again; `stale` says how many there are.
   */
  prepare(configuration: StoreConfiguration): Promise<{ readonly stale: number }>;
  /** One ingest at a time: rejects, naming the process that ingests, if there is one. Searches go on meanwhile. */
  lockForIngest(): Promise<AsyncDisposable>;
  /**
   * What is stored for these sources; asked for in batches, never for all. A source whose newest version was refused
   * is left out, so that it is tried again.
   */
  known(sources: readonly string[]): Promise<ReadonlyMap<string, Known>>;
  /** Saves whole documents in one transaction; if that fails, each alone. Replaces what was stored for a source. */
  save(documents: readonly DocumentRecord[]): Promise<readonly SaveOutcome[]>;
  /**
   * Remembers why a document is not in, until it is saved, pruned, or refused for another reason. A version that was
   * saved before stays and can be found.
   */
  refuse(refusals: readonly (Refusal & { readonly origin: string })[]): Promise<void>;
  /**
   * Removes the documents, and forgets the refusals, of this origin whose source is not in `seen`; says which documents
   * they were. Nothing seen at all is more often a missing disk than an empty folder: removing everything must be forced.
   */
  prune(origin: string, seen: ReadonlySet<string>, options?: { readonly force?: boolean }): Promise<readonly string[]>;
  search(query: StoreQuery): Promise<readonly SearchHit[]>;
  status(): Promise<StoreStatus>;
  errors(): Promise<readonly Refusal[]>;
  /** Drops the search indexes and builds them again from the stored chunks and vectors. */
  reindex(): Promise<void>;
  /** Finishes what was asked for, and closes. Later calls are refused; closing twice is fine. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
