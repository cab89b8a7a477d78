/** Searches a store and tries to save into it: `node reading-child.ts PATH`. */
import { openStore } from "../../src/store/open-store.ts";
import { record } from "./records.ts";

await using store = await openStore(process.argv[2] ?? "");
const hits = await store.search({ text: "heron", vector: undefined, mode: "text", k: 10, filter: undefined });
const [outcome] = await store.save([record("/docs/new", ["heron"])]);
process.stdout.write(
  `${JSON.stringify({ hits: hits.length, code: (outcome?.error as { code?: string } | undefined)?.code })}\n`,
);
