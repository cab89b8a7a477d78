/**
 * The pipeline with two parts replaced: documents that come from a program instead of files, and facts of one's own.
 * All else (parsing, chunking, embedding, saving, searching) stays as it is.
 */
import { createHash } from "node:crypto";
import { type Extractor, ingest, openStore, search, type Source } from "@tsyncio/ingest";
import { run } from "tsyncio";

const recipes: Readonly<Record<string, string>> = {
  pancakes: "# Pancakes\n\nWhisk two eggs into the milk, then the flour. Rest the batter for 20 minutes.\n",
  risotto: "# Risotto\n\nToast the rice, add the stock a ladle at a time. Ready after 18 minutes.\n",
};

const cookbook: Source = {
  origin: "cookbook:",
  async *documents() {
    for (const [name, text] of Object.entries(recipes)) {
      const bytes = Buffer.from(text);
      const hash = createHash("sha256").update(bytes).digest("hex");
      yield { source: `cookbook:${name}`, origin: "cookbook:", mediaType: "text/markdown", bytes, hash };
    }
  },
};

const minutes: Extractor = {
  fingerprint: "minutes/1", // raise it when the facts change: then all documents are done again
  extract: async ({ text }) => ({ minutes: Number(/(\d+) minutes/u.exec(text)?.[1]) }),
};

await run(async () => {
  await using store = await openStore("sqlite::memory:");
  const { documents, refused } = await ingest(cookbook, { store, extractor: minutes });
  console.log(`${documents} in, ${refused.length} refused`);
  const [best] = await search(store, "how do I cook rice", { k: 1 });
  console.log(`${best?.source}: ${best?.text.trim().split("\n").at(-1)}`);
});
