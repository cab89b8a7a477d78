import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { TestContext } from "node:test";
import type { RawDocument, Refusal } from "../../src/model/document.ts";
import type { FileSystemSource } from "../../src/sources/file-system-source.ts";

/** Makes a folder with files for one test; a path that ends in a slash is an empty folder. */
export async function tree(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "sources-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) await writeFile(path, content);
  }
  return root;
}

/** Runs a function in another current folder. */
export async function inFolder<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await act();
  } finally {
    process.chdir(before);
  }
}

/** The paths that a source finds, relative to a folder. */
export async function listed(source: FileSystemSource, root: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of source.entries()) paths.push(relative(root, entry.source));
  return paths;
}

/** All that a source yields: what was read, and why the rest was not. */
export async function everything(
  source: FileSystemSource,
): Promise<{ readonly documents: RawDocument[]; readonly refusals: Refusal[] }> {
  const documents: RawDocument[] = [];
  const refusals: Refusal[] = [];
  for await (const item of source.documents()) {
    if ("bytes" in item) documents.push(item);
    else refusals.push(item);
  }
  return { documents, refusals };
}
