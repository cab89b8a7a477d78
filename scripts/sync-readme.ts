/**
 * `node scripts/sync-readme.ts [--check]`: puts into the README what it shows of other files. A block of code after
 *
 *     <!-- file: PATH -->   is that file
 *     <!-- run: PATH -->    is what that program prints
 *
 * What is marked as measured differs from run to run, and is left alone. With --check nothing is written,
 * and the status is 1 if something is out of date.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const block = /<!-- (file|run): (\S+) -->\n```(\w*)\n[\s\S]*?```/gu;

/** The README as it has to be. */
export function rendered(readme: string): string {
  return readme.replaceAll(block, (_whole, kind: string, path: string, language: string) => {
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
  const path = new URL("README.md", root);
  const before = readFileSync(path, "utf8");
  const after = rendered(before);
  if (!process.argv.includes("--check")) writeFileSync(path, after);
  else if (before !== after) {
    console.error("README.md is out of date: node scripts/sync-readme.ts brings it up to date");
    process.exitCode = 1;
  }
}
