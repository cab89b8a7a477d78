import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { migrate } from "./schema.ts";

export interface DatabaseOptions {
  readonly path: string;
  readonly display: string;
  readonly readOnly: boolean;
  /** How long to wait, in milliseconds, while another process holds the lock. */
  readonly busyTimeout: number;
  /** The most pages of 4096 bytes that the file may grow to; 0 for no limit. */
  readonly maxPages: number;
}

/**
 * Bytes of a page of a new database. A passage with its vector takes about 2.5 kB, which wastes much of a page of 4096
 * and makes long chains of overflow pages; and each page costs two writes into the log and one at the checkpoint.
 */
const PAGE = 8192;
/** The log is moved into the database when it is so long: later is cheaper, because most pages change many times. */
const LOG_BYTES = 32_768_000;

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly readOnly: boolean;
}

/**
 * Opens or makes the database and brings its schema up to date. A file that this process may not write is opened
 * for reading: it can still be searched.
 */
export function openDatabase(options: DatabaseOptions): OpenedDatabase {
  const { path, display } = options;
  if (path !== ":memory:" && !options.readOnly) makeFolder(dirname(path), display);
  const readOnly = path !== ":memory:" && (options.readOnly || isWriteProtected(path));
  const database = new DatabaseSync(readOnly ? readOnlyLocation(path) : path, {
    readOnly,
    timeout: options.busyTimeout,
    enableForeignKeyConstraints: true,
    allowExtension: true,
  });
  try {
    // 16 MB of cache. FULL: a commit that was reported survives a loss of power.
    database.exec(`pragma page_size = ${PAGE}; pragma cache_size = -16000; pragma synchronous = full`);
    // A database that is there already keeps the size of its pages.
    const page = Number(database.prepare("pragma page_size").get()?.["page_size"]);
    database.exec(`pragma wal_autocheckpoint = ${LOG_BYTES / page}`);
    if (options.maxPages > 0) database.exec(`pragma max_page_count = ${Math.ceil((options.maxPages * 4096) / page)}`);
    migrate(database, display, readOnly);
    // After the check of the schema, so that the file of another program is not changed.
    if (!readOnly) database.exec("pragma journal_mode = wal");
    return { database, readOnly };
  } catch (error) {
    database.close();
    throw error;
  }
}

function makeFolder(folder: string, display: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = "Choose a path in a folder that this user may write to";
    throw new StoreError("cannot-open", `the folder of ${display} cannot be made (${reason})`, advice, { cause });
  }
}

function isWriteProtected(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.W_OK);
    // Reading a database in WAL mode makes files beside it.
    accessSync(dirname(path), constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/**
 * In WAL mode even a reader needs its -shm file. Where that cannot be made, the file is read as one that nobody
 * changes, which is true of a folder that cannot be written, and safe if there is no -wal with newer pages.
 */
function readOnlyLocation(path: string): string | URL {
  const url = pathToFileURL(path);
  let folderIsWritable = true;
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    folderIsWritable = false;
  }
  if (!folderIsWritable && !existsSync(`${path}-wal`)) url.searchParams.set("immutable", "1");
  return url;
}
