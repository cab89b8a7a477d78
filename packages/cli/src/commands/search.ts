import { Command, Option } from "commander";
import { search, type SearchHit, type SearchMode } from "@tsyncio/ingest";
import { exitStatus } from "../exit-status.ts";
import { wholeNumber } from "../number-argument.ts";
import type { OnStatus } from "../on-status.ts";
import { openExistingStore, type StoreOption, withStoreOption } from "../store-option.ts";
import { displayPath } from "../display-path.ts";
import { excerpt } from "../excerpt.ts";
import { style } from "../style.ts";

interface SearchFlags extends StoreOption {
  readonly k: number;
  readonly mode: SearchMode;
  readonly source?: string;
  readonly json?: true;
}

/** `tsyncio search QUERY`: the passages that fit best. */
export function searchCommand(onStatus: OnStatus): Command {
  return withStoreOption(new Command("search").description("find the passages that answer a query best"))
    .argument("<query...>", "words; several arguments are one query")
    .addOption(new Option("-k <number>", "how many hits").argParser(wholeNumber(1)).default(5))
    .addOption(new Option("--mode <mode>", "what decides").choices(["hybrid", "vector", "text"]).default("hybrid"))
    .option("--source <glob>", "only documents whose path matches")
    .option("--json", "one JSON object instead of text")
    .action(async (words: string[], flags: SearchFlags) => {
      const query = words.join(" ");
      await using store = await openExistingStore(flags, { readOnly: true });
      const { k, mode } = flags;
      const filter = flags.source === undefined ? {} : { filter: { source: flags.source } };
      const hits = await search(store, query, { k, mode, ...filter });
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ query, mode, hits })}\n`);
      else process.stdout.write(hits.length === 0 ? "Nothing found.\n" : formatHits(hits, query));
      onStatus(exitStatus.ok);
    });
}

/** Hits for people: where, under which headings, and the lines that fit. */
export function formatHits(hits: readonly SearchHit[], query: string): string {
  return hits.map((hit, index) => formatHit(hit, index + 1, query)).join("\n");
}

function formatHit(hit: SearchHit, number: number, query: string): string {
  const path = [hit.title, ...hit.headings.filter((heading) => heading !== hit.title)].filter((part) => part !== "");
  return [
    style("bold", `${number}. ${path.join(" › ")}`),
    `   ${style("cyan", displayPath(hit.source))}  ${style("dim", `score ${hit.score.toFixed(4)}`)}`,
    ...excerpt(hit.text, query, { width: 96, lines: 3 }).map((line) => `   ${line}`),
    "",
  ].join("\n");
}
