import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { openStore, type OpenStoreOptions, type Store } from "@tsyncio/ingest";
import { quote } from "./quote.ts";

/** Where documents stay when nothing else is said. */
export const defaultStore = "sqlite:.tsyncio/index.db";

export interface StoreOption {
  readonly store: string;
}

/** Adds `--store`; `TSYNCIO_STORE` is its default, if it is set. */
export function withStoreOption(command: Command): Command {
  return command.addOption(
    new Option("--store <address>", "where the documents are: sqlite:PATH").env("TSYNCIO_STORE").default(defaultStore),
  );
}

/** Opens the store, and makes it if it is not there; notices go to the standard error. */
export async function openStoreFrom(options: StoreOption, more: OpenStoreOptions = {}): Promise<Store> {
  return openStore(options.store, {
    onNotice: (notice) => void process.stderr.write(`tsyncio: ${notice}\n`),
    ...more,
  });
}

/** Opens a store that is there. @throws Error if it is not: what an empty one would answer misleads. */
export async function openExistingStore(options: StoreOption, more?: OpenStoreOptions): Promise<Store> {
  const path = pathOf(options.store);
  if (path !== undefined && !existsSync(path)) {
    throw new Error(`there is no store at ${path} yet: tsyncio ingest FOLDER --store ${quote(options.store)} makes it`);
  }
  return openStoreFrom(options, more);
}

/** Undefined for what is no file, or no address: opening it says more. */
function pathOf(address: string): string | undefined {
  const path = address.replace(/^sqlite:(\/\/(?=[/.]))?/iu, "");
  return path === ":memory:" || /^[a-z][a-z\d+.-]+:/iu.test(path) ? undefined : resolve(path);
}
