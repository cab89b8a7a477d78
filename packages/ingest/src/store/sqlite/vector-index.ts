import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchFilter } from "../../model/interfaces.ts";
import { bestWithTies, type Candidate, cutAfterTies } from "./candidates.ts";
import type { Embedders, StoredEmbedder } from "./embedders.ts";
import type { Meta } from "./meta.ts";
import { dot, fromBlob, norm, toBlob } from "./similarity.ts";
import { filterClause } from "./source-filter.ts";
import { inTransaction } from "./transaction.ts";

/** An index this small is searched quickly, whatever it holds. */
const FEW_SLOTS = 8192;

/**
 * Finds the nearest vectors, by cosine similarity, among those of the current embedder.
 *
 * The vectors themselves are in the table `vectors`. `vector_index` (sqlite-vec) is a faster copy of them, and
 * `meta.vector_index` says what it holds:
 *
 *     absent ──rebuild──▶ "<embedder id>" ──a write by a process without the extension──▶ "stale" ──rebuild──▶ …
 *
 * It is used only while it holds the current embedder's vectors; else all vectors are compared, one by one. Both
 * ways answer the same: the index only proposes, and scores are always computed here, from the vectors.
 * Vectors of length zero have no direction, are near to nothing, and are left out.
 */
export class VectorIndex {
  readonly #database: DatabaseSync;
  readonly #meta: Meta;
  readonly #embedders: Embedders;
  /** Whether sqlite-vec is loaded. */
  readonly #extension: boolean;
  readonly #chunksOf: StatementSync;
  #writing: { readonly insert: StatementSync; readonly remove: StatementSync } | undefined;

  constructor(database: DatabaseSync, meta: Meta, embedders: Embedders, extension: boolean) {
    this.#database = database;
    this.#meta = meta;
    this.#embedders = embedders;
    this.#extension = extension;
    this.#chunksOf = database.prepare("select id from chunks where document = ?");
  }

  get kind(): "indexed" | "exact" {
    return this.#holds(this.#embedders.current()) ? "indexed" : "exact";
  }

  /** Builds the index again if it does not agree with the vectors. */
  repair(): void {
    if (this.#extension && !this.#agrees()) this.rebuild();
  }

  rebuild(): void {
    const embedder = this.#embedders.current();
    if (!this.#extension || embedder === undefined) return;
    this.#writing = undefined;
    inTransaction(this.#database, () => {
      this.#database.exec(`
        drop table if exists vector_index;
        create virtual table vector_index using vec0 (
          chunk integer primary key, embedding float[${embedder.dimensions}] distance_metric=cosine
        );
        insert into vector_index (chunk, embedding)
          select chunk, embedding from vectors where embedder = ${embedder.id} and norm > 0;
      `);
      this.#meta.set("vector_index", String(embedder.id));
    });
  }

  /** Inside a transaction, after the vector of a chunk went into `vectors`. */
  insert(chunk: number | bigint, blob: Uint8Array, embedder: StoredEmbedder): void {
    if (this.#holds(embedder)) this.#statements().insert.run(BigInt(chunk), blob);
    else this.#markStale();
  }

  /** Inside a transaction, before the chunks of a document are deleted. */
  removeDocument(document: number): void {
    if (!this.#holds(this.#embedders.current())) return this.#markStale();
    // One by one: the extension looks through all of its rows for anything but an equality.
    for (const row of this.#chunksOf.all(document)) this.#statements().remove.run(BigInt(Number(row["id"])));
  }

  /** The chunks nearest to a vector, and all that tie with the last of them. */
  search(vector: Float32Array, count: number, filter: SearchFilter | undefined): readonly Candidate[] {
    const embedder = this.#embedders.current();
    const length = norm(vector);
    if (embedder === undefined || length === 0) return [];
    const indexed = this.#holds(embedder) ? this.#searchIndex(vector, count, filter) : undefined;
    return cutAfterTies(indexed ?? this.#compareAll(vector, filter, embedder), count);
  }

  #searchIndex(
    vector: Float32Array,
    count: number,
    filter: SearchFilter | undefined,
  ): readonly Candidate[] | undefined {
    const clause = filterClause("chunk", filter);
    const nearest = this.#database.prepare(
      `select chunk, distance from vector_index where embedding match ? and k = ? ${clause.sql} order by distance`,
    );
    const fetch = (limit: number): Candidate[] =>
      nearest
        .all(toBlob(vector), limit, ...clause.values)
        .map((row) => ({ chunk: Number(row["chunk"]), score: -Number(row["distance"]) }));
    // The extension computes in float32, and answers no more than 4096.
    const found = bestWithTies(count, fetch, { noise: 1e-4, most: 4096 });
    if (found === undefined) return undefined;
    const one = this.#database.prepare("select chunk, norm, embedding from vectors where chunk = ?");
    const rows = found.map(({ chunk }) => one.get(chunk)).filter((row) => row !== undefined);
    return scored(vector, rows);
  }

  #compareAll(vector: Float32Array, filter: SearchFilter | undefined, embedder: StoredEmbedder): readonly Candidate[] {
    const clause = filterClause("chunk", filter);
    const all = this.#database.prepare(
      `select chunk, norm, embedding from vectors where embedder = ? and norm > 0 ${clause.sql}`,
    );
    return scored(vector, all.iterate(embedder.id, ...clause.values));
  }

  #agrees(): boolean {
    const embedder = this.#embedders.current();
    if (embedder === undefined) return true;
    if (!this.#holds(embedder) || !this.#exists()) return false;
    const inIndex = this.#count("select count(*) as count from vector_index_rowids");
    const slots = this.#count("select coalesce(sum(size), 0) as count from vector_index_chunks");
    const wanted = this.#count(`select count(*) as count from vectors where embedder = ${embedder.id} and norm > 0`);
    // The extension never uses the place of a deleted row again.
    const isMostlyHoles = slots > 2 * wanted + FEW_SLOTS;
    return inIndex === wanted && !isMostlyHoles;
  }

  #holds(embedder: StoredEmbedder | undefined): boolean {
    return this.#extension && embedder !== undefined && this.#meta.get("vector_index") === String(embedder.id);
  }

  #exists(): boolean {
    return this.#count("select count(*) as count from sqlite_schema where name = 'vector_index'") === 1;
  }

  #markStale(): void {
    if (this.#meta.get("vector_index") !== "stale") this.#meta.set("vector_index", "stale");
  }

  #statements(): { readonly insert: StatementSync; readonly remove: StatementSync } {
    this.#writing ??= {
      insert: this.#database.prepare("insert into vector_index (chunk, embedding) values (?, ?)"),
      remove: this.#database.prepare("delete from vector_index where chunk = ?"),
    };
    return this.#writing;
  }

  #count(sql: string): number {
    return Number(this.#database.prepare(sql).get()?.["count"]);
  }
}

function scored(vector: Float32Array, rows: Iterable<Record<string, unknown>>): readonly Candidate[] {
  const length = norm(vector);
  const candidates: Candidate[] = [];
  for (const row of rows) {
    const score = dot(vector, fromBlob(row["embedding"] as Uint8Array)) / (length * Number(row["norm"]));
    candidates.push({ chunk: Number(row["chunk"]), score });
  }
  return candidates;
}
