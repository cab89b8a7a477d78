import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pages, rendered } from "../sync-pages.ts";

for (const page of pages) {
  const url = new URL(`../../${page}`, import.meta.url);
  const text = readFileSync(url, "utf8");

  test(`${page}: the programs are the files that they are said to be, and print what it says`, () => {
    assert.equal(text, rendered(text), "node scripts/sync-pages.ts brings it up to date");
  });

  test(`${page}: every page that it links to is there`, () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/gu)].map(([, path]) => path ?? "");
    const missing = links.filter((path) => !existsSync(new URL(path, url)));
    assert.deepEqual(missing, []);
  });
}
