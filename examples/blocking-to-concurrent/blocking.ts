/** The first step: one thing after the other. While one request is under way, nothing else happens. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { demonstrate } from "./demonstrate.ts";

async function summarize(api: string, text: string): Promise<unknown> {
  const response = await fetch(`${api}/summaries`, { method: "POST", body: text });
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  return response.json();
}

async function summarizeAll(folder: string, api: string, output: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, name), "utf8");
    const summary = await summarize(api, text);
    writeFileSync(path.join(output, `${name}.json`), JSON.stringify(summary));
  }
}

await demonstrate(summarizeAll);
