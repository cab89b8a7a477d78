import { Buffer } from "node:buffer";
import mammoth from "mammoth";
import type { ParsedDocument } from "../model/document.ts";
import { parseHtml } from "./html.ts";
import { UnreadableDocumentError } from "./unreadable-document-error.ts";

/** Pictures have no text, and inlined they would be most of the page. */
const withoutPictures = mammoth.images.imgElement(() => Promise.resolve({ src: "" }));

/**
 * The text of a Word document (DOCX), made to a page of HTML first, and then read like one: its headings, lists, tables
 * and links are kept. Throws an {@link UnreadableDocumentError} for a file that is damaged or another kind of archive.
 */
export async function parseDocx(bytes: Uint8Array, source: string): Promise<ParsedDocument> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return parseHtml(await htmlOf(buffer, source));
}

async function htmlOf(buffer: Buffer, source: string): Promise<string> {
  try {
    return (await mammoth.convertToHtml({ buffer }, { convertImage: withoutPictures })).value;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = `this Word document cannot be read: ${error.message}`;
    throw new UnreadableDocumentError(`${source}: ${reason}`, { cause: error });
  }
}
