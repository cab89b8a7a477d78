import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeCorpus } from "./corpus.ts";

/** What one ingest, in a process of its own, measured of itself. */
interface Measurement {
  readonly documents: number;
  readonly chunks: number;
  readonly elapsed: number;
  /** From the first document that is in to the end. */
  readonly onceUp: number;
  readonly peakRss: number;
  readonly largestLoopGap: number;
}

/**
 * `npm run bench -- ingest [--sizes 1000,10000] [--runs 3] [--json]`: ingests folders of different sizes, each run in
 * a fresh process with a fresh store, and prints medians: the rate from the call of `ingest` on, start of the worker
 * threads included, and once they are up (from the first document that is in); the peak memory; the largest gap of the
 * main loop.
 */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      sizes: { type: "string", default: "1000,10000" },
      runs: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
    },
  });
  const sizes = values.sizes.split(",").map(Number);
  const folder = await mkdtemp(join(tmpdir(), "tsyncio-bench-"));
  try {
    const rows = [];
    for (const size of sizes) {
      const corpus = await makeCorpus(join(folder, `documents-${size}`), size);
      const runs: Measurement[] = [];
      for (let run = 0; run < Number(values.runs); run += 1) {
        runs.push(await measure(corpus.folder, join(folder, `store-${size}-${run}.db`)));
      }
      rows.push({ size, bytes: corpus.bytes, ...summarise(runs) });
    }
    if (values.json) console.log(JSON.stringify(rows));
    else print(rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Summary {
  readonly chunks: number;
  readonly rate: number;
  readonly rateOnceUp: number;
  readonly slowestOnceUp: number;
  readonly peakRss: number;
  readonly largestLoopGap: number;
}

function summarise(runs: readonly Measurement[]): Summary {
  const onceUp = runs.map((run) => ((run.documents - 1) * 1000) / run.onceUp);
  return {
    chunks: runs[0]?.chunks ?? 0,
    rate: median(runs.map(({ documents, elapsed }) => (documents * 1000) / elapsed)),
    rateOnceUp: median(onceUp),
    slowestOnceUp: Math.min(...onceUp),
    peakRss: median(runs.map(({ peakRss }) => peakRss)),
    largestLoopGap: median(runs.map(({ largestLoopGap }) => largestLoopGap)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function print(rows: readonly (Summary & { readonly size: number; readonly bytes: number })[]): void {
  const first = rows[0];
  console.table(
    rows.map((row) => ({
      documents: row.size,
      MB: (row.bytes / 1e6).toFixed(1),
      chunks: row.chunks,
      "documents/s with start": row.rate.toFixed(0),
      "documents/s once up": row.rateOnceUp.toFixed(0),
      "slowest run": row.slowestOnceUp.toFixed(0),
      "peak RSS, MB": (row.peakRss / 1e6).toFixed(0),
      "RSS ratio to the first": (row.peakRss / (first?.peakRss ?? row.peakRss)).toFixed(2),
      "largest loop gap, ms": row.largestLoopGap.toFixed(0),
    })),
  );
}

async function measure(folder: string, store: string): Promise<Measurement> {
  const script = fileURLToPath(new URL("./ingest-child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@tsyncio/source", script, folder, store], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, code] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    new Promise<number | null>((resolve) => child.once("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`the measured ingest ended with status ${code}`);
  return JSON.parse(output.join("")) as Measurement;
}
