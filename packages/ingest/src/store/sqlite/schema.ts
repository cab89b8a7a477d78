import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { inTransaction } from "./transaction.ts";

/**
 * What is in the file.
 *
 *     documents ──1:n──▶ chunks ──1:1──▶ vectors (float32 blobs)      these three are the truth
 *                           ├──────────▶ chunk_text (FTS5)            indexes: can be built again from it,
 *                           └──────────▶ vector_index (vec0)          see text-index.ts and vector-index.ts
 *     refusals, embedders, meta, ingest_lock, answers
 *
 * `chunk_text` keeps no copy of the texts (`content=''`) and follows deletions by a trigger. `vector_index` must
 * not: its extension may be absent on the machine that deletes.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table meta (name text primary key, value text not null) without rowid, strict;

  create table embedders (
    id integer primary key,
    name text not null,
    dimensions integer not null,
    unique (name, dimensions)
  ) strict;

  create table documents (
    id integer primary key,
    source text not null unique,
    origin text not null,
    media_type text not null,
    hash text not null,
    fingerprint text not null,
    bytes integer not null,
    title text,
    summary text not null,
    facts text not null,
    added_at text not null,
    saved_at text not null
  ) strict;
  create index documents_by_origin on documents (origin);

  create table chunks (
    id integer primary key,
    document integer not null references documents (id) on delete cascade,
    position integer not null,
    start_offset integer not null,
    end_offset integer not null,
    text text not null,
    headings text not null,
    tokens integer not null,
    unique (document, position)
  ) strict;

  create table vectors (
    chunk integer primary key references chunks (id) on delete cascade,
    embedder integer not null references embedders (id),
    norm real not null,
    embedding blob not null
  ) strict;
  create index vectors_with_direction on vectors (embedder, chunk) where norm > 0;

  create virtual table chunk_text using fts5 (
    title, headings, text,
    content = '', contentless_delete = 1, tokenize = 'porter unicode61'
  );
  -- A commit makes a segment. Eight times as many as usual before they are merged: a fifth less work while documents
  -- go in, and as quick to search.
  insert into chunk_text (chunk_text, rank) values ('automerge', 32), ('crisismerge', 128);
  create trigger chunk_text_follows after delete on chunks begin
    delete from chunk_text where rowid = old.id;
  end;

  create table refusals (
    source text primary key,
    origin text not null,
    stage text not null,
    reason text not null,
    refused_at text not null
  ) without rowid, strict;

  create table ingest_lock (
    one integer primary key check (one = 1),
    token text not null,
    holder text not null,
    since text not null,
    beat integer not null
  ) strict;
  `,
  `
  create table answers (
    key text primary key,
    answer blob not null,
    kept_at text not null
  ) strict;
  `,
];

/** The version that this package writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** "tsio" in ASCII: marks a SQLite file as a store. */
const APPLICATION_ID = 0x7473696f;

/** Brings the database to {@link SCHEMA_VERSION}, or says why it cannot be used. */
export function migrate(database: DatabaseSync, display: string, readOnly: boolean): void {
  if (check(database, display) === SCHEMA_VERSION) return;
  if (readOnly) {
    throw new StoreError(
      "read-only",
      `${display} must be brought to version ${SCHEMA_VERSION} but cannot be written`,
      "Open it once where it can be written",
    );
  }
  inTransaction(database, () => {
    // Read again: another process may have done the work while this one waited for the lock.
    const version = check(database, display);
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${SCHEMA_VERSION}`);
  });
}

/** The version of the database: 0 for an empty one. */
function check(database: DatabaseSync, display: string): number {
  const version = pragma(database, "user_version");
  const application = pragma(database, "application_id");
  if (application !== APPLICATION_ID) {
    const tables = database.prepare("select count(*) as count from sqlite_schema").get()?.["count"];
    if (application === 0 && version === 0 && tables === 0) return 0;
    throw new StoreError(
      "not-a-store",
      `${display} is the SQLite database of another program`,
      "Choose another path for the store; nothing was changed",
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      "newer",
      `${display} was made by a newer version of @tsyncio/ingest: its format is ${version}, this version knows up to ${SCHEMA_VERSION}`,
      "Update @tsyncio/ingest, or use another store; nothing was changed",
    );
  }
  return version;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`pragma ${name}`).get()?.[name]);
}
