import type { RawDocument, Refusal } from "../model/document.ts";
import type { SourceEntry } from "../model/interfaces.ts";
import { readFile } from "./read-file.ts";

export interface FileEntryOptions {
  readonly source: string;
  readonly origin: string;
  readonly mediaType: string;
  readonly maxBytes: number;
}

/** A file. It may change or vanish before it is read: then it is read as it is by then, or refused. */
export function fileEntry({ source, origin, mediaType, maxBytes }: FileEntryOptions): SourceEntry {
  return {
    source,
    origin,
    mediaType,
    async read(): Promise<RawDocument | Refusal> {
      const content = await readFile(source, maxBytes);
      if ("reason" in content) return { source, stage: "get", reason: content.reason };
      return { source, origin, mediaType, bytes: content.bytes, hash: content.hash };
    },
  };
}

/** What an entry is that stands for a folder, and can therefore not be read. */
export const folderType = "inode/directory";

/** Something that is known already to be unreadable, such as a folder inside a folder. */
export function refusedEntry(source: string, origin: string, reason: string): SourceEntry {
  const refusal: Refusal = { source, stage: "get", reason };
  return { source, origin, mediaType: folderType, read: () => Promise.resolve(refusal) };
}
