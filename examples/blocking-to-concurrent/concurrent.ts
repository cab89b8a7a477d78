/** The third step: with tsyncio. At most twenty at once, each with a time limit, and nothing is left behind. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { map, withSignal } from "tsyncio";
import { retry } from "tsyncio/resilience";
import { demonstrate } from "./demonstrate.ts";

class Busy extends Error {}

function summarize(api: string, text: string): Promise<unknown> {
  return withSignal(async (signal) => {
    const response = await fetch(`${api}/summaries`, { method: "POST", body: text, signal });
    if (response.status === 503) throw new Busy("the API is busy");
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
    return response.json();
  });
}

async function summarizeAll(folder: string, api: string, output: string): Promise<void> {
  const names = await readdir(folder);
  const summarizeFile = async (name: string) => {
    const text = await readFile(path.join(folder, name), "utf8");
    const retryIf = (error: unknown) => error instanceof Busy;
    const summary = await retry(() => summarize(api, text), { attempts: 5, timeout: "5s", retryIf });
    await writeFile(path.join(output, `${name}.json`), JSON.stringify(summary));
  };
  await map(names, summarizeFile, { limit: 20 });
}

await demonstrate(summarizeAll);
