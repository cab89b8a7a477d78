import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Refusal, StageName } from "../../model/document.ts";
import type { Known } from "../../model/interfaces.ts";
import { StoreError } from "../errors.ts";
import { inTransaction } from "./transaction.ts";
import type { VectorIndex } from "./vector-index.ts";

export interface Counts {
  readonly documents: number;
  readonly chunks: number;
  readonly refused: number;
  readonly bytes: number;
}

/** Which documents are in, which were refused, and which have to go. */
export class Catalog {
  readonly #database: DatabaseSync;
  readonly #vectors: VectorIndex;
  readonly #known: StatementSync;
  readonly #refuse: StatementSync;
  readonly #refusals: StatementSync;
  readonly #counts: StatementSync;

  constructor(database: DatabaseSync, vectors: VectorIndex) {
    this.#database = database;
    this.#vectors = vectors;
    this.#known = database.prepare(
      `select source, hash, fingerprint from documents where source in (select value from json_each(?))
       and not exists (select 1 from refusals where refusals.source = documents.source)`,
    );
    this.#refuse = database.prepare(
      `insert into refusals (source, origin, stage, reason, refused_at) values (?, ?, ?, ?, ?) on conflict do update
       set origin = excluded.origin, stage = excluded.stage, reason = excluded.reason, refused_at = excluded.refused_at`,
    );
    this.#refusals = database.prepare("select source, stage, reason from refusals order by source");
    this.#counts = database.prepare(
      `select (select count(*) from documents) as documents, (select count(*) from chunks) as chunks,
       (select count(*) from refusals) as refused, (select coalesce(sum(bytes), 0) from documents) as bytes`,
    );
  }

  /** A source with an older version in and a newer one refused is not known: it has to be tried again. */
  known(sources: readonly string[]): ReadonlyMap<string, Known> {
    const rows = this.#known.all(JSON.stringify(sources));
    return new Map(
      rows.map((row) => [
        String(row["source"]),
        { hash: String(row["hash"]), fingerprint: String(row["fingerprint"]) },
      ]),
    );
  }

  refuse(refusals: readonly (Refusal & { readonly origin: string })[]): void {
    const now = new Date().toISOString();
    inTransaction(this.#database, () => {
      for (const { source, origin, stage, reason } of refusals) this.#refuse.run(source, origin, stage, reason, now);
    });
  }

  refusals(): readonly Refusal[] {
    return this.#refusals.all().map((row) => ({
      source: String(row["source"]),
      stage: row["stage"] as StageName,
      reason: String(row["reason"]),
    }));
  }

  prune(origin: string, seen: ReadonlySet<string>, force: boolean): readonly string[] {
    return inTransaction(this.#database, () => {
      const vanished = this.#unseen("documents", origin, seen);
      if (seen.size === 0 && vanished.length > 0 && !force) {
        throw new StoreError(
          "prune-all",
          `pruning ${origin} would remove all of its ${vanished.length} documents, because none was found there`,
          "Check that the source is where it was (a disk that is not mounted?), or force it",
        );
      }
      const idOf = this.#database.prepare("select id from documents where source = ?");
      const remove = this.#database.prepare("delete from documents where id = ?");
      for (const source of vanished) {
        const id = Number(idOf.get(source)?.["id"]);
        this.#vectors.removeDocument(id);
        remove.run(id);
      }
      const forget = this.#database.prepare("delete from refusals where source = ?");
      for (const source of this.#unseen("refusals", origin, seen)) forget.run(source);
      return vanished;
    });
  }

  counts(): Counts {
    const row = this.#counts.get() ?? {};
    return {
      documents: Number(row["documents"]),
      chunks: Number(row["chunks"]),
      refused: Number(row["refused"]),
      bytes: Number(row["bytes"]),
    };
  }

  #unseen(table: "documents" | "refusals", origin: string, seen: ReadonlySet<string>): readonly string[] {
    const rows = this.#database.prepare(`select source from ${table} where origin = ? order by source`).all(origin);
    return rows.map((row) => String(row["source"])).filter((source) => !seen.has(source));
  }
}
