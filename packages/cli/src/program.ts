import { Command } from "commander";
import { askCommand } from "./commands/ask.ts";
import { errorsCommand } from "./commands/errors.ts";
import { fetchCommand } from "./commands/fetch.ts";
import { ingestCommand } from "./commands/ingest.ts";
import { reindexCommand } from "./commands/reindex.ts";
import { searchCommand } from "./commands/search.ts";
import { statusCommand } from "./commands/status.ts";
import type { OnStatus } from "./on-status.ts";

/** All sub-commands. Wrong usage throws a `CommanderError`, after its message has been printed. */
export function buildProgram(onStatus: OnStatus): Command {
  const program = new Command("tsyncio")
    .description("Documents in, answers out; and URLs, fetched at once.")
    .exitOverride()
    .showHelpAfterError("(tsyncio --help lists the commands)")
    .addHelpText(
      "after",
      `\nExit status: 0 done; 1 failed; 2 wrong usage; 3 done, but some were refused; 130/143 interrupted, nothing lost.`,
    );
  const commands = [
    ingestCommand(onStatus),
    searchCommand(onStatus),
    askCommand(onStatus),
    statusCommand(onStatus),
    errorsCommand(onStatus),
    reindexCommand(onStatus),
    fetchCommand(onStatus),
  ];
  for (const command of commands) program.addCommand(command.exitOverride().showHelpAfterError());
  return program;
}
