import { stat } from "node:fs/promises";
import { interruptible } from "tsyncio";
import type { RawDocument, Refusal } from "../model/document.ts";
import type { Source, SourceEntry } from "../model/interfaces.ts";
import { mediaTypeOf } from "../parse/media-type.ts";
import { fileEntry, refusedEntry } from "./entry.ts";
import { excluder } from "./exclude.ts";
import { asGlob, type Glob } from "./glob.ts";
import { SourceError } from "./source-error.ts";
import { inWords, isSystemError } from "./system-error.ts";
import { walkFolder, type WalkRules } from "./walk-folder.ts";

/** Options of {@link FileSystemSource}. */
export interface FileSystemSourceOptions {
  /** The largest file in bytes; a larger one is refused without being read. Default: 512 MiB. */
  readonly maxBytes?: number;
  /**
   * What is left out of folders and globs, and all that is below it: patterns about a name at any depth (`CHANGELOG*`)
   * or, with a slash, about a path (`docs/old`). Default: nothing.
   */
  readonly exclude?: readonly string[];
}

const defaultMaxBytes = 512 * 1024 * 1024;

/** What a file is taken for if it was named, and its extension says nothing. */
const fallbackType = "text/plain";

/**
 * A file, a folder with all that is below it, or a glob.
 *
 * - A *file* that was named is read, whatever its extension (an unknown one: as plain text).
 * - In a *folder*, files of a known format are read and others passed over, as are `node_modules` and hidden files and
 *   folders. A folder that is itself named or inside `node_modules` is read all the same.
 * - A *glob* is like a folder whose files must match. `node_modules` and hidden folders are entered where the pattern
 *   spells them out; an extension that the pattern spells out is read, also an unknown one.
 *
 * A path that exists is never taken for a glob. Links to files are followed, links to folders only if they were named.
 */
export class FileSystemSource implements Source {
  readonly origin: string;
  readonly #argument: string;
  readonly #path: string;
  readonly #glob: Glob | undefined;
  readonly #maxBytes: number;
  readonly #excluded: (path: string) => boolean;
  #skipped = 0;

  /**
   * @param argument As the user gave it, for messages.
   * @param path The same as an absolute path.
   */
  constructor(
    argument: string,
    path: string,
    { maxBytes = defaultMaxBytes, exclude = [] }: FileSystemSourceOptions = {},
  ) {
    if (!(maxBytes >= 0)) throw new RangeError(`maxBytes must be a number of at least 0, got ${String(maxBytes)}`);
    this.#argument = argument;
    this.#path = path;
    this.#glob = asGlob(argument);
    this.origin = this.#glob?.origin ?? path;
    this.#maxBytes = maxBytes;
    this.#excluded = excluder(exclude);
  }

  /** How many files were passed over so far because their format is not known. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Finds the documents without reading them, and goes only as far as it is asked to. Looking into a folder is a
   * cancellation point.
   * @throws SourceError when the path does not exist, and when it is a folder that cannot be looked into.
   */
  async *entries(): AsyncGenerator<SourceEntry, void, void> {
    const kind = await kindOf(this.#path);
    if (kind === "folder") yield* this.#below(this.#path, folderRules);
    else if (kind === "file") yield this.#entry(this.#path);
    else if (this.#glob !== undefined) yield* this.#matching(this.#glob);
    else throw this.#missing(this.#path, 'expected a file, a folder or a glob such as "docs/**/*.md"');
  }

  /** Finds and reads the documents, one after the other. */
  async *documents(): AsyncGenerator<RawDocument | Refusal, void, void> {
    for await (const entry of this.entries()) yield await entry.read();
  }

  async *#matching(glob: Glob): AsyncGenerator<SourceEntry, void, void> {
    if ((await kindOf(glob.base)) !== "folder") {
      throw this.#missing(glob.base, `expected the folder in which the files are that match "${this.#argument}"`);
    }
    yield* this.#below(glob.base, glob, glob.spellsOutExtension ? fallbackType : undefined);
  }

  async *#below(folder: string, rules: WalkRules, typeOfUnknown?: string): AsyncGenerator<SourceEntry, void, void> {
    const walk = walkFolder(folder, {
      enters: (path, name, depth) => rules.enters(path, name, depth) && !this.#excluded(path),
      takes: (path, name) => {
        if (!rules.takes(path, name) || this.#excluded(path)) return false;
        if (typeOfUnknown !== undefined || mediaTypeOf(path) !== undefined) return true;
        this.#skipped += 1;
        return false;
      },
    });
    try {
      for await (const found of walk) {
        if (found.kind === "file") yield this.#entry(found.path, typeOfUnknown);
        else yield refusedEntry(found.path, this.origin, `this folder could not be read: ${found.reason}`);
      }
    } catch (error) {
      throw this.#unusable(folder, error);
    }
  }

  #entry(path: string, typeOfUnknown = fallbackType): SourceEntry {
    const mediaType = mediaTypeOf(path) ?? typeOfUnknown;
    return fileEntry({ source: path, origin: this.origin, mediaType, maxBytes: this.#maxBytes });
  }

  #missing(path: string, expectation: string): SourceError {
    return new SourceError(this.#argument, `${path} does not exist; ${expectation}`);
  }

  #unusable(path: string, error: unknown): unknown {
    if (!isSystemError(error)) return error;
    return new SourceError(this.#argument, `${path} cannot be read: ${inWords(error)}`, { cause: error });
  }
}

/** What cannot be looked at passes for a file, so that reading it says why. */
async function kindOf(path: string): Promise<"folder" | "file" | "nothing"> {
  try {
    return (await interruptible(stat(path))).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error.code === "ENOENT" || error.code === "ENOTDIR" ? "nothing" : "file";
  }
}

const folderRules: WalkRules = {
  enters: (_path, name) => name !== "node_modules" && !name.startsWith("."),
  takes: (_path, name) => !name.startsWith("."),
};
