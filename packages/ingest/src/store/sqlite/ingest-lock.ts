import { randomUUID } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { lifeOf, ownIdentity, type ProcessIdentity } from "./process-identity.ts";
import { inTransaction } from "./transaction.ts";

const BEAT = 10_000;
/** A holder that cannot be looked at, in another container or on another machine, is given up after so many milliseconds without a beat. */
const SILENCE = 60_000;

/**
 * One ingest at a time: a row that names the process that holds the lock. The row of a process that is dead is
 * taken over; so a killed ingest locks nobody out.
 *
 *     free ──take──▶ held ──release, or the process dies──▶ free
 */
export class IngestLock {
  readonly #database: DatabaseSync;
  readonly #display: string;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #beat: StatementSync;
  readonly #delete: StatementSync;
  readonly #held = new Map<string, NodeJS.Timeout>();

  constructor(database: DatabaseSync, display: string) {
    this.#database = database;
    this.#display = display;
    this.#select = database.prepare("select holder, since, beat from ingest_lock");
    this.#upsert = database.prepare(
      "insert or replace into ingest_lock (one, token, holder, since, beat) values (1, ?, ?, ?, ?)",
    );
    this.#beat = database.prepare("update ingest_lock set beat = ? where token = ?");
    this.#delete = database.prepare("delete from ingest_lock where token = ?");
  }

  /** Answers the token to release the lock with. */
  take(): string {
    const token = randomUUID();
    inTransaction(this.#database, () => {
      this.#refuseIfHeld();
      this.#upsert.run(token, JSON.stringify(ownIdentity()), new Date().toISOString(), Date.now());
    });
    this.#held.set(token, setInterval(() => this.#renew(token), BEAT).unref());
    return token;
  }

  release(token: string): void {
    clearInterval(this.#held.get(token));
    this.#held.delete(token);
    this.#delete.run(token);
  }

  releaseAll(): void {
    for (const token of this.#held.keys()) this.release(token);
  }

  #refuseIfHeld(): void {
    const row = this.#select.get();
    if (row === undefined) return;
    const holder = JSON.parse(String(row["holder"])) as ProcessIdentity;
    const life = lifeOf(holder);
    if (life === "dead" || (life === "unknown" && Date.now() - Number(row["beat"]) > SILENCE)) return;
    const where = life === "unknown" ? ` on ${holder.host}` : "";
    throw new StoreError(
      "ingest-running",
      `another ingest into ${this.#display} is running: process ${holder.pid}${where}, since ${String(row["since"])}`,
      "Wait for it, or stop it; searching is possible meanwhile",
    );
  }

  #renew(token: string): void {
    try {
      this.#beat.run(Date.now(), token);
    } catch {
      // Locked or full just now: the next beat comes long before the silence is too long.
    }
  }
}
