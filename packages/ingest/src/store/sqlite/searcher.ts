import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchHit, StoreQuery } from "../../model/interfaces.ts";
import { StoreError } from "../errors.ts";
import type { Candidate } from "./candidates.ts";
import type { Embedders } from "./embedders.ts";
import { fuse } from "./fusion.ts";
import type { TextIndex } from "./text-index.ts";
import { inSnapshot } from "./transaction.ts";
import type { VectorIndex } from "./vector-index.ts";

/** How deep each ranking is read before they are fused: a passage in the middle of both may be the best of all. */
const LEAST_DEPTH = 60;
const MOST_HITS = 10_000;

/** Where a chunk stands, which decides ties. */
interface Place {
  readonly source: string;
  readonly position: number;
}

/** Answers questions from both indexes. The same rows give the same answer in the same order, however they got in. */
export class Searcher {
  readonly #database: DatabaseSync;
  readonly #text: TextIndex;
  readonly #vectors: VectorIndex;
  readonly #embedders: Embedders;
  readonly #places: StatementSync;
  readonly #hit: StatementSync;

  constructor(database: DatabaseSync, text: TextIndex, vectors: VectorIndex, embedders: Embedders) {
    this.#database = database;
    this.#text = text;
    this.#vectors = vectors;
    this.#embedders = embedders;
    this.#places = database.prepare(
      `select chunks.id as chunk, documents.source, chunks.position from json_each(?) as wanted
       join chunks on chunks.id = wanted.value join documents on documents.id = chunks.document`,
    );
    this.#hit = database.prepare(
      `select source, coalesce(title, source) as title, headings, text, start_offset as start, end_offset as end
       from chunks join documents on documents.id = chunks.document where chunks.id = ?`,
    );
  }

  search(query: StoreQuery): readonly SearchHit[] {
    this.#check(query);
    if (query.mode !== "text") this.#vectors.catchUp();
    return inSnapshot(this.#database, () => this.#rank(query).map(({ chunk, score }) => this.#load(chunk, score)));
  }

  #rank(query: StoreQuery): readonly Candidate[] {
    const depth = query.mode === "hybrid" ? Math.max(LEAST_DEPTH, 4 * query.k) : query.k;
    const rankings: (readonly Candidate[])[] = [];
    if (query.mode !== "vector") rankings.push(this.#text.search(query.text, depth, query.filter));
    if (query.mode !== "text" && query.vector !== undefined) {
      rankings.push(this.#vectors.search(query.vector, depth, query.filter));
    }
    const places = this.#placesOf(rankings.flat());
    const ordered = rankings.map((ranking) => inOrder(ranking, places).slice(0, depth));
    if (query.mode !== "hybrid") return ordered.flat();
    const fused = fuse(ordered.map((ranking) => ranking.map(({ chunk }) => chunk)));
    return inOrder(
      Array.from(fused, ([chunk, score]) => ({ chunk, score })),
      places,
    ).slice(0, query.k);
  }

  #placesOf(candidates: readonly Candidate[]): ReadonlyMap<number, Place> {
    const rows = this.#places.all(JSON.stringify(Array.from(new Set(candidates.map(({ chunk }) => chunk)))));
    return new Map(
      rows.map((row) => [Number(row["chunk"]), { source: String(row["source"]), position: Number(row["position"]) }]),
    );
  }

  #load(chunk: number, score: number): SearchHit {
    const row = this.#hit.get(chunk) ?? {};
    return {
      source: String(row["source"]),
      title: String(row["title"]),
      headings: JSON.parse(String(row["headings"])) as string[],
      text: String(row["text"]),
      start: Number(row["start"]),
      end: Number(row["end"]),
      score,
    };
  }

  #check(query: StoreQuery): void {
    if (!Number.isInteger(query.k) || query.k < 1 || query.k > MOST_HITS) {
      throw new StoreError(
        "query",
        `k must be a whole number from 1 to ${MOST_HITS}, got ${query.k}`,
        "Ask for fewer hits",
      );
    }
    if (!["hybrid", "vector", "text"].includes(query.mode)) {
      throw new StoreError(
        "query",
        `the mode of a search is hybrid, vector or text, got ${JSON.stringify(query.mode)}`,
        "Choose one of them",
      );
    }
    if (query.mode === "text") return;
    if (query.vector === undefined) {
      throw new StoreError(
        "query",
        `a ${query.mode} search needs the vector of the query`,
        "Embed the query, or search by text",
      );
    }
    if (!query.vector.every(Number.isFinite)) {
      throw new StoreError("query", "the vector of the query holds a number that is not finite", "Check the embedder");
    }
    const embedder = this.#embedders.current();
    if (embedder !== undefined && embedder.dimensions !== query.vector.length) {
      throw new StoreError(
        "query",
        `the vector of the query has ${query.vector.length} dimensions, those of the store have ${embedder.dimensions} (made by ${embedder.name})`,
        "Embed the query with the embedder that the documents were ingested with",
      );
    }
  }
}

/** Best first; ties by source, then by position. */
function inOrder(candidates: readonly Candidate[], places: ReadonlyMap<number, Place>): readonly Candidate[] {
  return candidates.toSorted(
    (left, right) => right.score - left.score || comparePlaces(places.get(left.chunk), places.get(right.chunk)),
  );
}

function comparePlaces(left: Place | undefined, right: Place | undefined): number {
  if (left === undefined || right === undefined) return 0;
  if (left.source !== right.source) return left.source < right.source ? -1 : 1;
  return left.position - right.position;
}
