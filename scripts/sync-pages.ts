/**
 * `node scripts/sync-pages.ts [--check]`: puts into the README and the pages in `docs/` what they show of other files. A
 * block of code after
 *
 *     <!-- file: PATH -->   is that file
 *     <!-- run: PATH -->    is what that program prints
 *
 * What is marked as measured differs from run to run, and is left alone. With --check nothing is written,
 * and the status is 1 if something is out of date.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const block = /<!-- (file|run): (\S+) -->\n```(\w*)\n[\s\S]*?```/gu;

/** The pages that show other files, relative to the checkout. */
export const pages: readonly string[] = [
  "README.md",
  ...globSync("docs/*.md", { cwd: fileURLToPath(root) }).toSorted(),
];

/** A page as it has to be. */
export function rendered(page: string): string {
  return page.replaceAll(block, (_whole, kind: string, path: string, language: string) => {
    const content = kind === "file" ? readFileSync(new URL(path, root), "utf8") : outputOf(path);
    return `<!-- ${kind}: ${path} -->\n\`\`\`${language}\n${content.trimEnd()}\n\`\`\``;
  });
}

function outputOf(path: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--conditions=@tsyncio/source", path], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${path} ended with status ${status}: ${stderr}`);
  return stdout;
}

if (import.meta.main) {
  for (const page of pages) {
    const path = new URL(page, root);
    const before = readFileSync(path, "utf8");
    const after = rendered(before);
    if (before === after) continue;
    if (!process.argv.includes("--check")) writeFileSync(path, after);
    else {
      console.error(`${page} is out of date: node scripts/sync-pages.ts brings it up to date`);
      process.exitCode = 1;
    }
  }
}
