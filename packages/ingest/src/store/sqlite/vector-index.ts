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
/** So many vectors are compared one by one in a few milliseconds; a longer tail is moved into the index. */
const LONG_TAIL = 1024;
/** So many chunks are moved in one transaction, which holds the lock for about a fifth of a second… */
const MOVED_TOGETHER = 16_384;
/** …and so many transactions are made for one search. What is left is compared, and moved by the next. */
const MOVES = 8;
/** Rows of a block of the index, which is one blob: a new row rewrites little of a small one. */
const BLOCK = 256;

/** The index holds the vectors of one embedder, of all chunks up to one. */
interface Coverage {
  readonly embedder: number;
  readonly through: number;
}

/**
 * Finds the nearest vectors, by cosine similarity, among those of the current embedder.
 *
 * The vectors themselves are in the table `vectors`. `vector_index` (sqlite-vec) is a faster copy of them that runs
 * behind: a save does not touch it, which makes a save a third cheaper, and vectors go over many at once, by the
 * search that finds too many of them waiting. `meta.vector_index` says what it holds:
 *
 *     absent ──rebuild──▶ "<embedder>:<chunk>" ──a write by a process without the extension──▶ "stale" ──rebuild──▶ …
 *                            │        ▲
 *                            └─search─┘ moves the vectors after <chunk> over, and <chunk> with them, in one transaction
 *
 *     chunk ids   1 ······················· <chunk> ············ newest
 *                 found through the index  │  compared one by one
 *
 * For that the ids of chunks only ever grow, also after deletions ({@link firstFreeChunk}): an id up to <chunk> is in
 * the index or deleted, never new. The index is used only while it holds the current embedder's vectors; else all are
 * compared. Both ways answer the same: the index only proposes, and scores are always computed here, from the vectors.
 * Vectors of length zero have no direction, are near to nothing, and are left out.
 */
export class VectorIndex {
  readonly #database: DatabaseSync;
  readonly #meta: Meta;
  readonly #embedders: Embedders;
  /** Whether sqlite-vec is loaded. */
  readonly #extension: boolean;
  readonly #chunksOf: StatementSync;
  readonly #newestChunk: StatementSync;
  readonly #newestVector: StatementSync;

  constructor(database: DatabaseSync, meta: Meta, embedders: Embedders, extension: boolean) {
    this.#database = database;
    this.#meta = meta;
    this.#embedders = embedders;
    this.#extension = extension;
    this.#chunksOf = database.prepare("select id from chunks where document = ? and id <= ?");
    this.#newestChunk = database.prepare("select max(id) as id from chunks");
    this.#newestVector = database.prepare("select max(chunk) as id from vectors");
  }

  get kind(): "indexed" | "exact" {
    return this.#held() === undefined ? "exact" : "indexed";
  }

  /** Builds the index again if it does not agree with the vectors. */
  repair(): void {
    if (this.#extension && !this.#agrees()) this.rebuild();
  }

  rebuild(): void {
    const embedder = this.#embedders.current();
    if (!this.#extension || embedder === undefined) return;
    inTransaction(this.#database, () => {
      this.#database.exec(`
        drop table if exists vector_index;
        create virtual table vector_index using vec0 (
          chunk integer primary key, embedding float[${embedder.dimensions}] distance_metric=cosine, chunk_size=${BLOCK}
        );
      `);
      this.#move({ embedder: embedder.id, through: 0 }, newest(this.#newestVector));
    });
  }

  /**
   * Before a search: moves vectors that were saved since into the index, if they are many. It waits for nobody's lock
   * and fails no search, for what it could not move is compared.
   */
  catchUp(): void {
    if (!this.#lags()) return;
    const patience = Number(this.#database.prepare("pragma busy_timeout").get()?.["timeout"]);
    try {
      this.#database.exec("pragma busy_timeout = 0");
      for (let move = 0; move < MOVES && this.#lags(); move++) inTransaction(this.#database, () => this.#moveTail());
    } catch {
      // Locked, read-only or full: the search goes the longer way.
    } finally {
      this.#database.exec(`pragma busy_timeout = ${patience}`);
    }
  }

  /** Inside a transaction that is about to save chunks: the id from which on they are numbered. */
  firstFreeChunk(): number {
    return Math.max(newest(this.#newestChunk), this.#coverage()?.through ?? 0) + 1;
  }

  /** Inside a transaction, when vectors go into `vectors` under new ids. */
  added(): void {
    if (this.#held() === undefined) this.#markStale();
  }

  /** Inside a transaction, before the chunks of a document are deleted. */
  removeDocument(document: number): void {
    const held = this.#held();
    if (held === undefined) return this.#markStale();
    const remove = this.#database.prepare("delete from vector_index where chunk = ?");
    // One by one: the extension looks through all of its rows for anything but an equality.
    for (const row of this.#chunksOf.all(document, held.through)) remove.run(BigInt(Number(row["id"])));
  }

  /** Inside a snapshot: the chunks nearest to a vector, and all that tie with the last of them. */
  search(vector: Float32Array, count: number, filter: SearchFilter | undefined): readonly Candidate[] {
    const embedder = this.#embedders.current();
    if (embedder === undefined || norm(vector) === 0) return [];
    const held = this.#held();
    const indexed = held === undefined ? undefined : this.#searchIndex(vector, count, filter);
    const compared = this.#compareAfter(indexed === undefined ? 0 : (held?.through ?? 0), vector, filter, embedder);
    return cutAfterTies([...(indexed ?? []), ...compared], count);
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

  #compareAfter(
    chunk: number,
    vector: Float32Array,
    filter: SearchFilter | undefined,
    embedder: StoredEmbedder,
  ): readonly Candidate[] {
    const clause = filterClause("chunk", filter);
    const rest = this.#database.prepare(
      `select chunk, norm, embedding from vectors where embedder = ? and chunk > ? and norm > 0 ${clause.sql}`,
    );
    return scored(vector, rest.iterate(embedder.id, chunk, ...clause.values));
  }

  #lags(): boolean {
    const held = this.#held();
    return held !== undefined && newest(this.#newestVector) - held.through > LONG_TAIL;
  }

  #moveTail(): void {
    // Read again: another process may have moved them while this one waited for the lock.
    const held = this.#held();
    if (held === undefined) return;
    const next = this.#database.prepare(
      "select chunk as id from vectors where chunk > ? order by chunk limit 1 offset ?",
    );
    const id = next.get(held.through, MOVED_TOGETHER)?.["id"];
    this.#move(held, id === undefined ? newest(this.#newestVector) : Number(id));
  }

  #move({ embedder, through }: Coverage, to: number): void {
    this.#database
      .prepare(
        `insert into vector_index (chunk, embedding)
         select chunk, embedding from vectors where embedder = ? and norm > 0 and chunk > ? and chunk <= ?`,
      )
      .run(embedder, through, to);
    this.#meta.set("vector_index", `${embedder}:${Math.max(through, to)}`);
  }

  #agrees(): boolean {
    const embedder = this.#embedders.current();
    if (embedder === undefined) return true;
    const held = this.#held();
    if (held === undefined || !this.#exists()) return false;
    const inIndex = this.#count("select count(*) as count from vector_index_rowids");
    const slots = this.#count("select coalesce(sum(size), 0) as count from vector_index_chunks");
    const wanted = this.#count(
      `select count(*) as count from vectors
       where embedder = ${embedder.id} and norm > 0 and chunk <= ${held.through}`,
    );
    // The extension never uses the place of a deleted row again.
    const isMostlyHoles = slots > 2 * wanted + FEW_SLOTS;
    return inIndex === wanted && !isMostlyHoles;
  }

  /** What the index holds, if this process can use it for the current embedder. */
  #held(): Coverage | undefined {
    const coverage = this.#extension ? this.#coverage() : undefined;
    return coverage?.embedder === this.#embedders.current()?.id ? coverage : undefined;
  }

  #coverage(): Coverage | undefined {
    const [, embedder, through] = /^(\d+):(\d+)$/u.exec(this.#meta.get("vector_index") ?? "") ?? [];
    return embedder === undefined ? undefined : { embedder: Number(embedder), through: Number(through) };
  }

  #exists(): boolean {
    return this.#count("select count(*) as count from sqlite_schema where name = 'vector_index'") === 1;
  }

  #markStale(): void {
    if (this.#meta.get("vector_index") !== "stale") this.#meta.set("vector_index", "stale");
  }

  #count(sql: string): number {
    return Number(this.#database.prepare(sql).get()?.["count"]);
  }
}

function newest(statement: StatementSync): number {
  return Number(statement.get()?.["id"] ?? 0);
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
