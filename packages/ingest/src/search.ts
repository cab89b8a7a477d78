import { lexicalEmbedder } from "./embed/lexical-embedder.ts";
import type { Embedder, SearchFilter, SearchHit, SearchMode, Store } from "./model/interfaces.ts";

/** Options of {@link search}. */
export interface SearchOptions {
  /** The most hits. From 1 on; default: 10. */
  readonly k?: number;
  /** Whether words, vectors or both decide. Default: `"hybrid"`, both. */
  readonly mode?: SearchMode;
  readonly filter?: SearchFilter;
  /** The embedder with which the documents were ingested. Default: the offline one. */
  readonly embedder?: Embedder;
}

const modes: readonly SearchMode[] = ["hybrid", "vector", "text"];

/**
 * The passages of a store that answer a query best, best first. Each hit's `text` is `slice(start, end)` of its
 * document's text. Any text is a valid query; one without words finds nothing. A cancelled caller stops waiting.
 * @throws RangeError for a `k` or a `mode` that does not exist; StoreError when the store cannot answer.
 */
export async function search(store: Store, query: string, options: SearchOptions = {}): Promise<readonly SearchHit[]> {
  const { k = 10, mode = "hybrid", filter, embedder = lexicalEmbedder() } = options;
  if (typeof query !== "string") throw new TypeError(`search: expected a query in words, got ${typeof query}`);
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`search: k must be a whole number from 1 on, got ${k}`);
  if (!modes.includes(mode)) {
    throw new RangeError(`search: mode must be one of ${modes.join(", ")}, got ${JSON.stringify(mode)}`);
  }
  const vector = mode === "text" ? undefined : (await embedder.embed([query], "query"))[0];
  return store.search({ text: query, vector, mode, k, filter });
}
