import { globSync, readFileSync } from "node:fs";

const tests = new URL("../", import.meta.url);

/** At the end of a title: `[test_tasks: test_cancel, test_wait; test_futures: test_cancel]`. */
const brackets = /\[(test_\w+: [^[\]]+)\](?=["`])/gu;

/** How often each of CPython's tests is named by a title: `test_tasks: test_cancel` → 2. */
export interface Citations {
  readonly counts: ReadonlyMap<string, number>;
  /** How many titles name a test of a file: `test_tasks` → 3. */
  readonly titles: ReadonlyMap<string, number>;
}

/** What the titles of this package's tests name; those of this folder itself are examples. */
export function readCitations(): Citations {
  const sources = globSync("**/*.test.ts", { cwd: tests, exclude: ["asyncio/**"] }).map((file) =>
    readFileSync(new URL(file, tests), "utf8"),
  );
  return citationsIn(sources);
}

/** What the titles in these sources name. */
export function citationsIn(sources: readonly string[]): Citations {
  const counts = new Map<string, number>();
  const titles = new Map<string, number>();
  for (const source of sources) {
    for (const [, inside] of source.matchAll(brackets)) {
      for (const part of (inside as string).split("; ")) {
        const [file, names] = part.split(": ") as [string, string];
        titles.set(file, (titles.get(file) ?? 0) + 1);
        for (const name of names.split(", ")) {
          const cited = `${file}: ${name}`;
          counts.set(cited, (counts.get(cited) ?? 0) + 1);
        }
      }
    }
  }
  return { counts, titles };
}
