import type { DatabaseSync } from "node:sqlite";

/** Runs `body` as one transaction, which takes the write lock at its start: it cannot fail half-way for a reader's sake. */
export function inTransaction<T>(database: DatabaseSync, body: () => T): T {
  database.exec("begin immediate");
  try {
    const result = body();
    database.exec("commit");
    return result;
  } catch (error) {
    // SQLite has already rolled back after some errors, such as a full disk.
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

/** Runs `body`, which only reads, on one state of the database, whatever other processes commit meanwhile. */
export function inSnapshot<T>(database: DatabaseSync, body: () => T): T {
  database.exec("begin");
  try {
    return body();
  } finally {
    if (database.isTransaction) database.exec("rollback");
  }
}
