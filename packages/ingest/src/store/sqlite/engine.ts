import type { DatabaseSync } from "node:sqlite";
import type { Refusal } from "../../model/document.ts";
import type { Known, SearchHit, StoreQuery, StoreStatus } from "../../model/interfaces.ts";
import { StoreError } from "../errors.ts";
import { Catalog } from "./catalog.ts";
import { DocumentWriter } from "./document-writer.ts";
import { Embedders } from "./embedders.ts";
import { IngestLock } from "./ingest-lock.ts";
import { type Answers, KeptAnswers } from "./kept-answers.ts";
import { Meta } from "./meta.ts";
import type { OpenedDatabase } from "./open-database.ts";
import type { EngineGreeting, PackedDocument, PackedOutcome } from "./protocol.ts";
import { Searcher } from "./searcher.ts";
import { defineSourceMatches } from "./source-filter.ts";
import { explain } from "./sqlite-failure.ts";
import { TextIndex } from "./text-index.ts";
import { inTransaction } from "./transaction.ts";
import { VectorIndex } from "./vector-index.ts";
import { toWire } from "./wire-error.ts";

export interface EngineParts extends OpenedDatabase {
  readonly display: string;
  /** Whether sqlite-vec is loaded. */
  readonly vectorExtension: boolean;
  readonly notices: readonly string[];
}

/** The store inside its thread: synchronous, one call after the other. Every public method can be called by message. */
export class Engine {
  readonly #database: DatabaseSync;
  readonly #parts: EngineParts;
  readonly #meta: Meta;
  readonly #embedders: Embedders;
  readonly #text: TextIndex;
  readonly #vectors: VectorIndex;
  readonly #writer: DocumentWriter;
  readonly #catalog: Catalog;
  readonly #searcher: Searcher;
  readonly #lock: IngestLock;
  readonly #answers: KeptAnswers;

  constructor(parts: EngineParts) {
    const { database } = parts;
    defineSourceMatches(database);
    this.#database = database;
    this.#parts = parts;
    this.#meta = new Meta(database);
    this.#embedders = new Embedders(database, this.#meta);
    this.#text = new TextIndex(database);
    this.#vectors = new VectorIndex(database, this.#meta, this.#embedders, parts.vectorExtension);
    this.#writer = new DocumentWriter(database, this.#text, this.#vectors, this.#embedders);
    this.#catalog = new Catalog(database, this.#vectors);
    this.#searcher = new Searcher(database, this.#text, this.#vectors, this.#embedders);
    this.#lock = new IngestLock(database, parts.display);
    this.#answers = new KeptAnswers(database);
    if (!parts.readOnly) this.#vectors.repair();
  }

  greeting(): EngineGreeting {
    return { notices: this.#parts.notices };
  }

  prepare(fingerprint: string, embedder: string, dimensions: number): { readonly stale: number } {
    if (!Number.isInteger(dimensions) || dimensions < 1) {
      throw new StoreError(
        "vectors",
        `the dimensions of the vectors must be a whole number above 0, got ${dimensions}`,
        "Check the embedder",
      );
    }
    inTransaction(this.#database, () => {
      this.#meta.set("fingerprint", fingerprint);
      this.#embedders.choose(embedder, dimensions);
    });
    this.#vectors.repair();
    return { stale: this.#embedders.stale() };
  }

  known(sources: readonly string[]): ReadonlyMap<string, Known> {
    return this.#catalog.known(sources);
  }

  save(documents: readonly PackedDocument[]): readonly PackedOutcome[] {
    return this.#writer
      .save(documents)
      .map((error) => ({ error: error === undefined ? undefined : toWire(explain(error, this.#parts.display)) }));
  }

  refuse(refusals: readonly (Refusal & { readonly origin: string })[]): void {
    this.#catalog.refuse(refusals);
  }

  prune(origin: string, seen: ReadonlySet<string>, force: boolean): readonly string[] {
    return this.#catalog.prune(origin, seen, force);
  }

  search(query: StoreQuery): readonly SearchHit[] {
    return this.#searcher.search(query);
  }

  status(): StoreStatus {
    return {
      ...this.#catalog.counts(),
      store: this.#parts.display,
      fingerprint: this.#meta.get("fingerprint") ?? null,
      vectorSearch: this.#vectors.kind,
    };
  }

  errors(): readonly Refusal[] {
    return this.#catalog.refusals();
  }

  reindex(): void {
    this.#text.rebuild();
    this.#vectors.rebuild();
  }

  answers(keys: readonly string[]): Answers {
    return this.#answers.get(keys);
  }

  keepAnswers(lots: readonly Answers[]): void {
    this.#answers.keep(lots);
  }

  takeLock(): string {
    return this.#lock.take();
  }

  releaseLock(token: string): void {
    this.#lock.release(token);
  }

  /** Moves what is in the write-ahead log into the database, and closes it. */
  close(): void {
    try {
      this.#lock.releaseAll();
      // A process that holds the lock now does the same at its own end: not worth waiting for.
      if (!this.#parts.readOnly) this.#database.exec("pragma busy_timeout = 0; pragma wal_checkpoint(truncate)");
    } catch {
      // Nothing is lost: the log is read at the next opening, and the lock of an ended process is taken over.
    } finally {
      this.#database.close();
    }
  }
}
