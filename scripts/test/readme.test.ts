import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { rendered } from "../sync-readme.ts";

const readme = new URL("../../README.md", import.meta.url);
const text = readFileSync(readme, "utf8");

test("the programs in the README are the files that they are said to be, and print what it says", () => {
  assert.equal(text, rendered(text), "node scripts/sync-readme.ts brings the README up to date");
});

test("every page that the README links to is there", () => {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/gu)].map(([, path]) => path ?? "");
  assert.ok(links.length > 5);
  assert.deepEqual(
    links.filter((path) => !existsSync(new URL(path, readme))),
    [],
  );
});
