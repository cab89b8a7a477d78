/**
 * Counts the words of `packages/ingest/src/embed/common-words.ts` anew and prints the lines of its table.
 *
 *     apt-get install python3.11-doc nodejs-doc linux-doc-6.1
 *     node --conditions=@tsyncio/source bench/quality/count-common-words.ts
 *
 * None of these packages is among the corpora on which search is measured.
 */
import { globSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { vocabulary } from "../../packages/ingest/src/embed/vocabulary.ts";

const CORPORA: readonly (readonly string[])[] = [
  globSync("/usr/share/doc/python3.11/html/_sources/**/*.txt"),
  globSync("/usr/share/doc/linux-doc-6.1/**/*.{rst,rst.gz}").filter((file) => !file.includes("/translations/")),
  globSync("/usr/share/doc/nodejs/**/*.{md,md.gz}"),
];
const PASSAGE = 2000;
const LEVELS = 7;

const shares = CORPORA.map(sharesOfPassages);
const lines = Array.from({ length: LEVELS }, (): string[] => []);
for (const stem of new Set(shares.flatMap((corpus) => [...corpus.keys()]))) {
  const [, median = 0] = shares.map((corpus) => corpus.get(stem) ?? 0).toSorted((one, other) => one - other);
  if (/^[a-z]{2,}$/u.test(stem)) lines[Math.floor(-Math.log2(median))]?.push(stem);
}
for (const line of lines) console.log(`${line.toSorted().join(" ")}\n`);

/** For each stem, the share of the passages that it stands in. */
function sharesOfPassages(files: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let passages = 0;
  for (const file of files) {
    const bytes = readFileSync(file);
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    for (let start = 0; start < text.length; start += PASSAGE, passages++) {
      vocabulary.trim();
      const words = new Set(vocabulary.words(text.slice(start, start + PASSAGE)));
      for (const { stem } of words) counts.set(stem, (counts.get(stem) ?? 0) + 1);
    }
  }
  return new Map(Array.from(counts, ([stem, count]) => [stem, count / passages]));
}
