/** Ingests documents from memory with a service's models: `ingesting-child.ts BASE_URL STORE COUNT`. */
import { ingest, openAICompatible, openStore } from "@tsyncio/ingest";
import { run } from "tsyncio";
import { memorySource, ownParts } from "../pipeline/parts.ts";

const [baseUrl = "", path = "", count = ""] = process.argv.slice(2);

const documents = Object.fromEntries(
  Array.from({ length: Number(count) }, (_, index) => [
    String(index),
    `document ${index}\nline a ${index}\nline b ${index}`,
  ]),
);

await run(async () => {
  await using store = await openStore(path);
  const limits = { concurrency: 4, itemsPerRequest: 6 };
  const models = openAICompatible({ baseUrl, model: "m", dimensions: 3, limits });
  const { parsers, chunker } = ownParts;
  const report = await ingest(memorySource("memory:", documents), { store, parsers, chunker, ...models });
  console.log(JSON.stringify({ documents: report.documents, unchanged: report.unchanged }));
});
