import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { interruptible } from "tsyncio";
import { inWords, isSystemError } from "./system-error.ts";

/** What a walk comes across. */
export type Found =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "unreadable folder"; readonly path: string; readonly reason: string };

export interface WalkRules {
  /** Whether to go into a folder; `depth` is 1 for those directly in the folder where the walk began. */
  enters(path: string, name: string, depth: number): boolean;
  /** Whether something that is no folder is of interest. */
  takes(path: string, name: string): boolean;
}

/**
 * All files below a folder, depth first; in each folder sorted by name, the same on every machine. Reads a folder only
 * when it gets there. A link to a file counts as a file; a link to a folder is not followed, so there is no way round
 * in a circle and no document is found twice.
 *
 * Throws when the folder itself cannot be read; one below that cannot, or has vanished meanwhile, is yielded as such.
 */
export async function* walkFolder(root: string, rules: WalkRules): AsyncGenerator<Found, void, void> {
  const pending = [{ items: await listFolder(root), folder: root, next: 0 }];
  for (let level = pending.at(-1); level !== undefined; level = pending.at(-1)) {
    const item = level.items[level.next];
    level.next += 1;
    if (item === undefined) {
      pending.pop();
      continue;
    }
    const path = join(level.folder, item.name);
    if (!item.isDirectory()) {
      if (rules.takes(path, item.name) && !(await isLinkToFolder(path, item))) yield { kind: "file", path };
      continue;
    }
    if (!rules.enters(path, item.name, pending.length)) continue;
    try {
      pending.push({ items: await listFolder(path), folder: path, next: 0 });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield { kind: "unreadable folder", path, reason: inWords(error) };
    }
  }
}

async function listFolder(path: string): Promise<readonly Dirent[]> {
  const items = await interruptible(readdir(path, { withFileTypes: true }));
  return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a broken link would have led to is not known; whoever reads it is told. */
async function isLinkToFolder(path: string, item: Dirent): Promise<boolean> {
  if (!item.isSymbolicLink()) return false;
  try {
    return (await interruptible(stat(path))).isDirectory();
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
