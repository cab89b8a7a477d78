import { Command } from "commander";
import { exitStatus } from "../exit-status.ts";
import type { OnStatus } from "../on-status.ts";
import { openExistingStore, type StoreOption, withStoreOption } from "../store-option.ts";

/** `tsyncio reindex`: builds the search indexes again from what is stored. */
export function reindexCommand(onStatus: OnStatus): Command {
  return withStoreOption(
    new Command("reindex").description("build the search indexes again from the stored passages and vectors"),
  ).action(async (flags: StoreOption) => {
    await using store = await openExistingStore(flags);
    await using _lock = await store.lockForIngest();
    await store.reindex();
    const { chunks } = await store.status();
    process.stdout.write(`Indexed ${chunks} chunks.\n`);
    onStatus(exitStatus.ok);
  });
}
