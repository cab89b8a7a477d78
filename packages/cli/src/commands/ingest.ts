import { Command } from "commander";
import { ingest, type IngestEvent, type IngestReport } from "@tsyncio/ingest";
import { isCancelled } from "tsyncio";
import { byteSize } from "../byte-size.ts";
import { exitStatus } from "../exit-status.ts";
import { explain } from "../explain.ts";
import { wholeNumber } from "../number-argument.ts";
import type { OnStatus } from "../on-status.ts";
import { jsonDisplay } from "../progress/json-display.ts";
import { plainDisplay } from "../progress/plain-display.ts";
import type { ProgressDisplay } from "../progress/progress-display.ts";
import { formatElapsed, rate } from "../progress/rates.ts";
import { stageTable } from "../progress/stage-table.ts";
import { terminalDisplay } from "../progress/terminal-display.ts";
import { openStoreFrom, type StoreOption, withStoreOption } from "../store-option.ts";

interface IngestFlags extends StoreOption {
  readonly prune?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly maxTokens?: number;
  readonly maxSize?: number;
  readonly exclude?: readonly string[];
}

/** `tsyncio ingest SOURCE…`: documents in. */
export function ingestCommand(onStatus: OnStatus): Command {
  return withStoreOption(
    new Command("ingest").description(
      "read, parse, chunk, embed, summarise, extract and save documents; resumes where it was stopped",
    ),
  )
    .argument("[sources...]", "files, folders and globs", ["."])
    .option("--prune", "afterwards, remove the documents that are no longer in their source")
    .option(
      "--max-size <size>",
      'the largest document, such as "200MB"; larger ones are refused (default: 64MiB)',
      byteSize,
    )
    .option("--max-tokens <number>", "the most tokens in a passage (default: 400)", wholeNumber(16))
    .option("--exclude <glob>", "leave out the paths that match; may be repeated", collect, [])
    .option("--json", "an event a line, as JSON")
    .option("--quiet", "no progress; only what went wrong, and the end")
    .action(async (sources: string[], flags: IngestFlags) => {
      const report = await ingestWithDisplay(sources, flags);
      if (flags.json !== true) process.stdout.write(formatReport(report));
      onStatus(report.refused.length === 0 ? exitStatus.ok : exitStatus.partly);
    });
}

/** Ingests and shows how it goes; on an interruption it says what is in. */
export async function ingestWithDisplay(sources: readonly string[], flags: IngestFlags): Promise<IngestReport> {
  const display = chooseDisplay(flags);
  const counts = { documents: 0, unchanged: 0, refused: 0 };
  const onEvent = (event: IngestEvent): void => {
    if (event.type === "document") counts[event.status === "in" ? "documents" : event.status] += 1;
    display.onEvent(event);
  };
  try {
    await using store = await openStoreFrom(flags);
    return await ingest(sources, {
      store,
      prune: flags.prune === true,
      progressEvery: display.every,
      onEvent,
      exclude: flags.exclude ?? [],
      ...(flags.maxSize === undefined ? {} : { limits: { documentBytes: flags.maxSize } }),
      ...(flags.maxTokens === undefined ? {} : { chunking: { maxTokens: flags.maxTokens } }),
    });
  } catch (error) {
    reportUnfinished(error, counts, flags);
    throw error;
  } finally {
    display.close();
  }
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function chooseDisplay(flags: IngestFlags): ProgressDisplay {
  if (flags.json === true) return jsonDisplay();
  if (flags.quiet === true) return { every: "2s", onEvent: () => {}, close: () => {} };
  return process.stderr.isTTY ? terminalDisplay(process.stderr) : plainDisplay();
}

function reportUnfinished(
  error: unknown,
  counts: { readonly documents: number; readonly unchanged: number; readonly refused: number },
  flags: IngestFlags,
): void {
  const interrupted = isCancelled(error);
  if (flags.json === true) {
    const event = interrupted ? { type: "interrupted" } : { type: "failed", reason: explain(error) };
    process.stdout.write(`${JSON.stringify({ ...event, ...counts })}\n`);
  }
  const { documents, unchanged, refused } = counts;
  // A failure before the first document has only itself to report.
  if (!interrupted && documents + unchanged + refused === 0) return;
  process.stderr.write(
    `${interrupted ? "Interrupted" : "Failed"}: ${documents} documents went in, ${unchanged} were in already, ` +
      `${refused} were refused. Nothing is lost: the same command goes on from here.\n`,
  );
}

/** The end of an ingest, for people. */
export function formatReport(report: IngestReport): string {
  const { documents, unchanged, refused, pruned, chunks, elapsed, stages, largestLoopGap } = report;
  const table = documents > 0 ? `${stageTable(stages, elapsed).join("\n")}\n\n` : "";
  const removed = pruned.length > 0 ? `, ${pruned.length} removed` : "";
  const speed = documents > 0 ? ` (${rate(documents, elapsed)})` : "";
  const hint = refused.length > 0 ? `${refused.length} refused; tsyncio errors lists them with their reasons.\n` : "";
  return (
    `${table}${documents} documents in as ${chunks} chunks, ${unchanged} unchanged, ${refused.length} refused${removed}, ` +
    `in ${formatElapsed(elapsed)}${speed}; largest gap of the main loop ${largestLoopGap.toFixed(0)} ms.\n${hint}`
  );
}
