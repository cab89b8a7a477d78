import { type Command, Option } from "commander";
import { openStore, type OpenStoreOptions, type Store } from "@tsyncio/ingest";

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

/** Opens the store; notices go to the standard error. */
export async function openStoreFrom(options: StoreOption, more: OpenStoreOptions = {}): Promise<Store> {
  return openStore(options.store, {
    onNotice: (notice) => void process.stderr.write(`tsyncio: ${notice}\n`),
    ...more,
  });
}
