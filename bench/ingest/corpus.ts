import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Fills a folder with Markdown documents: the real ones that the installed packages bring, over and over, each copy
 * with a first line of its own, so that no two are the same.
 */
export async function makeCorpus(
  folder: string,
  size: number,
): Promise<{ readonly folder: string; readonly bytes: number }> {
  const originals = await realDocuments();
  let bytes = 0;
  for (let index = 0; index < size; index += 1) {
    const text = `<!-- copy ${index} -->\n${originals[index % originals.length] ?? ""}`;
    const subfolder = join(folder, String(Math.floor(index / 500)).padStart(4, "0"));
    if (index % 500 === 0) await mkdir(subfolder, { recursive: true });
    await writeFile(join(subfolder, `${String(index).padStart(6, "0")}.md`), text);
    bytes += Buffer.byteLength(text);
  }
  return { folder, bytes };
}

/** The documents that `npm start` ingests: all Markdown of the installed packages, but licences and changelogs. */
async function realDocuments(): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob("node_modules/**/*.{md,mdx}", { cwd: root })) {
    if (!/\/(?:licen[cs]e|changelog|history|changes|copying)[^/]*$/iu.test(path)) paths.push(path);
  }
  if (paths.length < 400) throw new Error(`expected at least 400 documents in node_modules, found ${paths.length}`);
  return Promise.all(paths.toSorted().map((path) => readFile(join(root, path), "utf8")));
}
