import type { DatabaseSync, StatementSync } from "node:sqlite";

type MetaName =
  /** The configuration of the newest run. */
  | "fingerprint"
  /** The id of the embedder whose vectors are searched. */
  | "embedder"
  /** Which vectors the vector index holds, or "stale": somebody without the extension changed them; see vector-index.ts. */
  | "vector_index";

/** A few named values of the whole store. Read each time, because another process may change them. */
export class Meta {
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare("select value from meta where name = ?");
    this.#upsert = database.prepare(
      "insert into meta (name, value) values (?, ?) on conflict do update set value = excluded.value",
    );
  }

  get(name: MetaName): string | undefined {
    const value = this.#select.get(name)?.["value"];
    return value === undefined ? undefined : String(value);
  }

  set(name: MetaName, value: string): void {
    this.#upsert.run(name, value);
  }
}
