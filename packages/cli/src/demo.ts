import { existsSync } from "node:fs";
import { openStore, search } from "@tsyncio/ingest";
import { isCancelled, run } from "tsyncio";
import { formatReport, ingestWithDisplay } from "./commands/ingest.ts";
import { formatHits } from "./commands/search.ts";
import { exampleSearches } from "./example-searches.ts";
import { endWhenOutputIsClosed } from "./closed-pipe.ts";
import { exitStatus } from "./exit-status.ts";
import { explain } from "./explain.ts";
import { quote } from "./quote.ts";
import { defaultStore } from "./store-option.ts";
import { style } from "./style.ts";

/**
 * The Markdown that the installed packages bring, which nobody wrote for this program, and the project's own pages. The
 * README is left out: it shows this output, so it would be the best answer to each of the questions.
 */
const sources = ["node_modules/**/*.{md,mdx}", "CONTRIBUTING.md", "docs", "packages/*/README.md"] as const;

const excluded = [
  "**/*{LICENSE,LICENCE,CHANGELOG,HISTORY,CHANGES,COPYING}*",
  "**/{license,licence,changelog,history}*",
] as const;

/**
 * `npm start`: ingests real documents from the project's own folder, prints what each stage did, and answers three
 * questions. A second time there is nothing to do. Sets the exit status like the command itself.
 */
export async function demo(): Promise<void> {
  endWhenOutputIsClosed();
  try {
    process.exitCode = await run(showMainJob, { name: "npm start" });
  } catch (error) {
    if (isCancelled(error)) return;
    process.stderr.write(`tsyncio: ${explain(error)}\n`);
    process.exitCode = exitStatus.failed;
  }
}

async function showMainJob(): Promise<number> {
  const present = sources.filter((source) => source.includes("*") || existsSync(source));
  const flags = { store: defaultStore };
  say(`tsyncio ingest ${present.map(quote).join(" ")} ${excluded.map((glob) => `--exclude ${quote(glob)}`).join(" ")}`);
  const report = await ingestWithDisplay(present, { ...flags, exclude: excluded });
  process.stdout.write(formatReport(report));

  await using store = await openStore(flags.store, { readOnly: true });
  for (const { query } of exampleSearches) {
    say(`tsyncio search ${quote(query)} -k 2`);
    process.stdout.write(formatHits(await search(store, query, { k: 2 }), query));
  }
  process.stdout.write(`\nNow yours: npx tsyncio search "…", npx tsyncio ask "…", or npm start -- ingest FOLDER\n`);
  return report.refused.length === 0 ? exitStatus.ok : exitStatus.partly;
}

function say(command: string): void {
  process.stdout.write(`\n${style("bold", `$ ${command}`)}\n\n`);
}
