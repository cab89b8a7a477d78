import type { Store } from "../model/interfaces.ts";
import { parseStoreAddress } from "./address.ts";
import { openSqliteStore, type SqliteStoreOptions } from "./sqlite/sqlite-store.ts";

export type OpenStoreOptions = SqliteStoreOptions;

/**
 * Opens the store at an address, and makes it if it is not there yet, with the folders above it.
 *
 * Addresses: `sqlite:./relative/path`, `sqlite:/absolute/path`, `sqlite::memory:`, or a plain path. Rejects with a
 * {@link StoreError} whose `code` says what is wrong; a file that is damaged, or is no store, is never overwritten.
 *
 *     await using store = await openStore("sqlite:./index.db");
 *
 * An open store keeps the process alive only while a request is pending.
 */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<Store> {
  return openSqliteStore(parseStoreAddress(address), options);
}
