import { Command } from "commander";
import { displayPath } from "../display-path.ts";
import { exitStatus } from "../exit-status.ts";
import type { OnStatus } from "../on-status.ts";
import { openExistingStore, type StoreOption, withStoreOption } from "../store-option.ts";

interface ErrorsFlags extends StoreOption {
  readonly json?: true;
}

/** `tsyncio errors`: the documents that are not in, and why. */
export function errorsCommand(onStatus: OnStatus): Command {
  return withStoreOption(new Command("errors").description("list the refused documents, each with its reason"))
    .option("--json", "one JSON object instead of text")
    .action(async (flags: ErrorsFlags) => {
      await using store = await openExistingStore(flags, { readOnly: true });
      const refused = await store.errors();
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ refused })}\n`);
      else if (refused.length === 0) process.stdout.write("No document was refused.\n");
      for (const { source, stage, reason } of flags.json === true ? [] : refused) {
        process.stdout.write(`${displayPath(source)}\n    ${stage}: ${reason}\n`);
      }
      onStatus(exitStatus.ok);
    });
}
