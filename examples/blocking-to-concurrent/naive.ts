/** The second step: everything at once, with `Promise.all`. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { demonstrate } from "./demonstrate.ts";

async function summarize(api: string, text: string): Promise<unknown> {
  const response = await fetch(`${api}/summaries`, { method: "POST", body: text });
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  return response.json();
}

async function summarizeAll(folder: string, api: string, output: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(folder, name), "utf8");
      const summary = await summarize(api, text);
      await writeFile(path.join(output, `${name}.json`), JSON.stringify(summary));
    }),
  );
}

await demonstrate(summarizeAll);
