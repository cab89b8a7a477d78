/**
 * What the three steps have in common: a hundred documents, the API, a clock, and a look at what is left afterwards.
 *
 *     node examples/blocking-to-concurrent/STEP.ts [well | busy | failure | hang]
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Api, type Behaviour, startApi } from "./api.ts";

/** Reads the documents in a folder, has the API summarise each, and saves the summaries in another folder. */
export type SummarizeAll = (folder: string, api: string, output: string) => Promise<void>;

const DOCUMENTS = 100;
const PATIENCE_MS = 10_000;

export async function demonstrate(summarizeAll: SummarizeAll): Promise<void> {
  const behaviour = (process.argv[2] ?? "well") as Behaviour;
  const home = await mkdtemp(path.join(tmpdir(), "tsyncio-summaries-"));
  try {
    await using api = await startApi(behaviour);
    const [folder, output] = [path.join(home, "documents"), path.join(home, "summaries")];
    await mkdir(output);
    await writeDocuments(folder);
    const start = performance.now();
    const ending = await Promise.race([endingOf(summarizeAll(folder, api.url, output)), patience()]);
    console.log(`${ending} after ${Math.round(performance.now() - start)} ms`);
    await report(api, output);
    if (ending !== "done") {
      await setTimeout(500);
      console.log("half a second later:");
      await report(api, output);
    }
  } finally {
    await rm(home, { recursive: true });
  }
  // What was left behind would hold the process.
  process.exit();
}

async function writeDocuments(folder: string): Promise<void> {
  await mkdir(folder);
  for (let number = 1; number <= DOCUMENTS; number += 1) {
    await writeFile(path.join(folder, `${number}.txt`), `Document ${number}\nIt says ${number * number}.`);
  }
}

function endingOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => "done",
    (error: unknown) => `failed (${(error as Error).message})`,
  );
}

async function patience(): Promise<string> {
  await setTimeout(PATIENCE_MS, undefined, { ref: false });
  return "still waiting";
}

async function report({ counts }: Api, output: string): Promise<void> {
  const saved = (await readdir(output)).length;
  console.log(
    `  saved ${saved} of ${DOCUMENTS}; requests under way ${counts.running}, at most ${counts.mostAtOnce} at once,` +
      ` ${counts.refused} refused`,
  );
}
