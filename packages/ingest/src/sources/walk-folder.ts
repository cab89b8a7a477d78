import type { Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkpoint, interruptible } from "tsyncio";
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

/** After so many, the main loop gets a turn, however fast the files are taken. */
const itemsPerTurn = 256;

/**
 * All files below a folder, depth first; in each folder sorted by name, the same on every machine. Reads a folder only
 * when it gets there. A link to a file counts as a file; a link to a folder is not followed, so there is no way round
 * in a circle and no document is found twice.
 *
 * Throws when the folder itself cannot be read; one below that cannot, or has vanished meanwhile, is yielded as such.
 */
export async function* walkFolder(root: string, rules: WalkRules): AsyncGenerator<Found, void, void> {
  let seen = 0;
  const pending = [{ items: await listFolder(root), folder: root, next: 0 }];
  for (let level = pending.at(-1); level !== undefined; level = pending.at(-1)) {
    const item = level.items[level.next];
    level.next += 1;
    if (item === undefined) {
      pending.pop();
      continue;
    }
    seen += 1;
    if (seen % itemsPerTurn === 0) await checkpoint();
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
  const items = await interruptible(readFolder(path));
  return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** In batches, so that a large folder does not keep the main loop busy. Closes the folder also if nobody waits. */
async function readFolder(path: string): Promise<Dirent[]> {
  const items: Dirent[] = [];
  for await (const item of await opendir(path, { bufferSize: 1024 })) items.push(item);
  return items;
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
