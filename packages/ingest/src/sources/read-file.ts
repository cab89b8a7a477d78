import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { withSignal } from "tsyncio";
import { inWords, isSystemError } from "./system-error.ts";

export interface FileContent {
  readonly bytes: Uint8Array;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** Why a file cannot be a document. */
export interface Unreadable {
  readonly reason: string;
}

/** Without waiting for somebody to write, if it is a pipe. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Read and hashed in one go; hashing takes a millisecond or two, in which the main loop does nothing else. */
const pieceBytes = 1024 * 1024;

/**
 * Reads a file whole, or says why it cannot be one document: it is missing, no file, larger than `maxBytes`, or changes
 * while it is read. A cancellation ends the reading after the piece that is being read.
 */
export async function readFile(path: string, maxBytes: number): Promise<FileContent | Unreadable> {
  return withSignal(async (signal) => {
    try {
      await using handle = await open(path, flags);
      const before = await handle.stat();
      const problem = unsuitable(before, maxBytes);
      if (problem !== undefined) return { reason: problem };
      const content = await readPieces(handle, before.size, signal);
      const after = await handle.stat();
      if (content !== undefined && after.mtimeMs === before.mtimeMs && after.size === before.size) return content;
      return { reason: "it changed while it was read; ingest it again when nobody writes to it" };
    } catch (error) {
      if (isSystemError(error)) return { reason: inWords(error) };
      throw error;
    }
  });
}

function unsuitable(stats: Stats, maxBytes: number): string | undefined {
  if (stats.isDirectory()) return "it is a folder, not a file";
  if (!stats.isFile()) return `it is ${kindOf(stats)}, not a file`;
  if (stats.size <= maxBytes) return undefined;
  const sizes = `it is ${inMegabytes(stats.size)} large, more than the limit of ${inMegabytes(maxBytes)} a document`;
  return `${sizes}; --max-size, or limits.documentBytes, allows more`;
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "a pipe";
  return stats.isSocket() ? "a socket" : "a device";
}

function inMegabytes(bytes: number): string {
  return bytes < 1e5 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Undefined if the file is longer or shorter than was said. */
async function readPieces(handle: FileHandle, size: number, signal: AbortSignal): Promise<FileContent | undefined> {
  const bytes = new Uint8Array(size);
  const hash = createHash("sha256");
  for (let filled = 0; filled < size;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, filled, Math.min(size - filled, pieceBytes), null);
    if (bytesRead === 0) return undefined;
    hash.update(bytes.subarray(filled, filled + bytesRead));
    filled += bytesRead;
  }
  const { bytesRead: more } = await handle.read(new Uint8Array(1), 0, 1, null);
  return more === 0 ? { bytes, hash: hash.digest("hex") } : undefined;
}
