import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchFilter } from "../../model/interfaces.ts";
import { bestWithTies, type Candidate } from "./candidates.ts";
import { toMatchQuery } from "./match-query.ts";
import { filterClause } from "./source-filter.ts";
import { inTransaction } from "./transaction.ts";

/** How much a term counts in the title, in the headings above a chunk, and in its text. */
const WEIGHTS = "4.0, 2.0, 1.0";

/** The words of all chunks (FTS5). Deletions follow by a trigger; see schema.ts. */
export class TextIndex {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare("insert into chunk_text (rowid, title, headings, text) values (?, ?, ?, ?)");
  }

  insert(chunk: number, title: string, headings: readonly string[], text: string): void {
    this.#insert.run(chunk, title, headings.join("\n"), text);
  }

  /** The best chunks by BM25, and all that tie with the last of them. */
  search(text: string, count: number, filter: SearchFilter | undefined): readonly Candidate[] {
    const query = toMatchQuery(text);
    if (query === undefined) return [];
    const clause = filterClause("rowid", filter);
    const statement = this.#database.prepare(
      `select rowid as chunk, -bm25(chunk_text, ${WEIGHTS}) as score
       from chunk_text where chunk_text match ? ${clause.sql} order by score desc limit ?`,
    );
    const fetch = (limit: number): Candidate[] =>
      statement
        .all(query, ...clause.values, limit)
        .map((row) => ({ chunk: Number(row["chunk"]), score: Number(row["score"]) }));
    return bestWithTies(count, fetch, { noise: 0, most: Number.MAX_SAFE_INTEGER }) ?? [];
  }

  rebuild(): void {
    inTransaction(this.#database, () => {
      this.#database.exec(`
        insert into chunk_text (chunk_text) values ('delete-all');
        insert into chunk_text (rowid, title, headings, text)
          select chunks.id, coalesce(documents.title, ''),
            coalesce((select group_concat(value, char(10)) from json_each(chunks.headings)), ''), chunks.text
          from chunks join documents on documents.id = chunks.document;
      `);
    });
  }
}
