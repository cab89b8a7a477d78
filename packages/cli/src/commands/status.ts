import { Command } from "commander";
import { exitStatus } from "../exit-status.ts";
import { formatBytes } from "../format-bytes.ts";
import type { OnStatus } from "../on-status.ts";
import { openExistingStore, type StoreOption, withStoreOption } from "../store-option.ts";

interface StatusFlags extends StoreOption {
  readonly json?: true;
}

/** `tsyncio status`: what is in the store. */
export function statusCommand(onStatus: OnStatus): Command {
  return withStoreOption(new Command("status").description("say what is in the store"))
    .option("--json", "one JSON object instead of text")
    .action(async (flags: StatusFlags) => {
      await using store = await openExistingStore(flags, { readOnly: true });
      const status = await store.status();
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify(status)}\n`);
      } else {
        const rows: readonly (readonly [string, string])[] = [
          ["store", status.store],
          ["documents", String(status.documents)],
          ["chunks", String(status.chunks)],
          ["refused", `${status.refused}${status.refused > 0 ? "  (tsyncio errors lists them)" : ""}`],
          ["bytes", `${status.bytes}  (${formatBytes(status.bytes)} as they were read)`],
          ["fingerprint", status.fingerprint ?? "none yet"],
          ["vector search", status.vectorSearch],
        ];
        for (const [name, value] of rows) process.stdout.write(`${name.padEnd(14)} ${value}\n`);
      }
      onStatus(exitStatus.ok);
    });
}
