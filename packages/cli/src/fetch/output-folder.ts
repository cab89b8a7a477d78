import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const longestName = 120;

/** A folder into which bodies are saved, each under a name made of its URL. */
export class OutputFolder {
  private readonly folder: string;
  private readonly names: Set<string> = new Set();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder if it is not there. */
  static async open(folder: string): Promise<OutputFolder> {
    await mkdir(folder, { recursive: true });
    return new OutputFolder(folder);
  }

  /** Writes beside the final name and renames at the end, so no half file is ever found under it. */
  async save(url: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const path = join(this.folder, this.nameFor(url));
    const partial = `${path}.partial`;
    const file = await open(partial, "w");
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.close();
      await rename(partial, path);
    } catch (error) {
      await file.close().catch(() => {});
      await rm(partial, { force: true });
      throw error;
    }
    return path;
  }

  private nameFor(url: string): string {
    const { hostname, pathname, search } = new URL(url);
    const plain = `${hostname}${pathname}${search}`.replaceAll(/[^\w.-]+/gu, "_").replaceAll(/^_+|_+$/gu, "");
    const name = plain.slice(0, longestName);
    const numbered = (number: number): string => (number === 1 ? name : `${name}.${number}`);
    let number = 1;
    while (this.names.has(numbered(number))) number += 1;
    this.names.add(numbered(number));
    return numbered(number);
  }
}
