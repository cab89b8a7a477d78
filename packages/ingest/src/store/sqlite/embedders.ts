import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import type { Meta } from "./meta.ts";

export interface StoredEmbedder {
  readonly id: number;
  readonly name: string;
  readonly dimensions: number;
}

/**
 * Which embedder's vectors the store is about. Vectors of different embedders cannot be compared, so each vector
 * knows its maker, and only those of the current one are searched. The others stay until their document is done
 * again: going back to the former embedder loses nothing.
 */
export class Embedders {
  readonly #meta: Meta;
  readonly #byId: StatementSync;
  readonly #add: StatementSync;
  readonly #countOthers: StatementSync;

  constructor(database: DatabaseSync, meta: Meta) {
    this.#meta = meta;
    this.#byId = database.prepare("select id, name, dimensions from embedders where id = ?");
    this.#add = database.prepare(
      "insert into embedders (name, dimensions) values (?, ?) on conflict do update set name = excluded.name returning id",
    );
    this.#countOthers = database.prepare("select count(*) as count from vectors where embedder <> ?");
  }

  current(): StoredEmbedder | undefined {
    const id = this.#meta.get("embedder");
    const row = id === undefined ? undefined : this.#byId.get(Number(id));
    return row === undefined
      ? undefined
      : { id: Number(row["id"]), name: String(row["name"]), dimensions: Number(row["dimensions"]) };
  }

  /** The current embedder; an error if `prepare` was never called. */
  required(): StoredEmbedder {
    const current = this.current();
    if (current !== undefined) return current;
    throw new StoreError(
      "vectors",
      "the store does not know yet which vectors it is to hold",
      "Call prepare() before the first save()",
    );
  }

  choose(name: string, dimensions: number): void {
    this.#meta.set("embedder", String(this.#add.get(name, dimensions)?.["id"]));
  }

  /** How many chunks have a vector that the current embedder did not make. */
  stale(): number {
    const current = this.current();
    return current === undefined ? 0 : Number(this.#countOthers.get(current.id)?.["count"]);
  }
}
