import type { DatabaseSync, StatementSync } from "node:sqlite";
import { inTransaction } from "./transaction.ts";

/** Answers of services, by key. */
export type Answers = ReadonlyMap<string, Uint8Array>;

/** What services have answered, and need not be asked again. */
export class KeptAnswers {
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #keep: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#find = database.prepare("select key, answer from answers where key in (select value from json_each(?))");
    this.#keep = database.prepare(
      "insert into answers (key, answer, kept_at) values (?, ?, ?) on conflict do update set answer = excluded.answer",
    );
  }

  get(keys: readonly string[]): Answers {
    const rows = this.#find.all(JSON.stringify(keys));
    return new Map(rows.map((row) => [String(row["key"]), row["answer"] as Uint8Array]));
  }

  /** Keeps several lots in one transaction. */
  keep(lots: readonly Answers[]): void {
    const now = new Date().toISOString();
    inTransaction(this.#database, () => {
      for (const lot of lots) for (const [key, answer] of lot) this.#keep.run(key, answer, now);
    });
  }
}
