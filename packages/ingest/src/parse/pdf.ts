import { getDocumentProxy } from "unpdf";
import type { Block, ParsedDocument } from "../model/document.ts";
import { parseText } from "./text.ts";
import { UnreadableDocumentError } from "./unreadable-document-error.ts";

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;
type PdfPage = Awaited<ReturnType<PdfDocument["getPage"]>>;
type PdfItem = Awaited<ReturnType<PdfPage["getTextContent"]>>["items"][number];

/** Lines further apart than so many times the height of the letters are of two paragraphs. */
const paragraphGap = 1.7;

/** Passages of a page lie below its heading, and below no deeper one: pages do not nest. */
const pageLevel = 6;

/**
 * The text of a PDF file, page by page. Each page begins with a heading `Page N` that takes no room in the text: so a
 * passage is always of one page, and its innermost heading says of which. Of the pages only the one that is read is
 * kept in memory, beside the text.
 *
 * Throws an {@link UnreadableDocumentError} for a file that is damaged, needs a password, or has pages without any text
 * (a scan): text in pictures is not recognised.
 */
export async function parsePdf(bytes: Uint8Array, source: string): Promise<ParsedDocument> {
  const pdf = await open(bytes, source);
  try {
    const blocks: Block[] = [];
    let text = "";
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = parseText(await pageText(pdf, number));
      if (page.blocks.length === 0) continue;
      if (text !== "") text += "\n\n";
      const offset = text.length;
      blocks.push({
        kind: "heading",
        start: offset,
        end: offset,
        level: pageLevel,
        title: `Page ${number}`,
        apart: true,
      });
      for (const block of page.blocks) {
        blocks.push({ ...block, start: block.start + offset, end: block.end + offset });
      }
      text += page.text;
    }
    if (blocks.length === 0) throw new UnreadableDocumentError(`${source}: ${noText(pdf.numPages)}`);
    return { title: await titleOf(pdf), text, blocks, links: [], metadata: { pages: pdf.numPages } };
  } catch (error) {
    throw asUnreadable(error, source);
  } finally {
    await pdf.loadingTask.destroy();
  }
}

function noText(pages: number): string {
  return `no text in the ${pages} pages of this PDF file; scanned pages must go through a text recognition (OCR) first`;
}

/** The reader takes the bytes it is given for its own; the caller's stay the caller's. */
async function open(bytes: Uint8Array, source: string): Promise<PdfDocument> {
  try {
    return await getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      disableFontFace: true,
      useSystemFonts: false,
    });
  } catch (error) {
    throw asUnreadable(error, source);
  }
}

function asUnreadable(error: unknown, source: string): unknown {
  if (!(error instanceof Error) || error instanceof UnreadableDocumentError) return error;
  const reason =
    error.name === "PasswordException"
      ? "this PDF file is encrypted and needs a password; save it without one"
      : `this PDF file cannot be read: ${error.message}`;
  return new UnreadableDocumentError(`${source}: ${reason}`, { cause: error });
}

async function pageText(pdf: PdfDocument, number: number): Promise<string> {
  const page = await pdf.getPage(number);
  try {
    const { items } = await page.getTextContent();
    return linesOf(items);
  } finally {
    page.cleanup();
  }
}

/** The pieces of a page in the file's order, with a blank line where the page leaves more than a line's room. */
function linesOf(items: readonly PdfItem[]): string {
  let text = "";
  let lineBefore: number | undefined;
  let startsLine = true;
  for (const item of items) {
    if (!("str" in item)) continue;
    const height = item.transform[5] as number;
    if (startsLine && item.str.trim() !== "") {
      if (lineBefore !== undefined && Math.abs(lineBefore - height) > paragraphGap * item.height) text += "\n";
      lineBefore = height;
      startsLine = false;
    }
    text += item.str;
    if (!item.hasEOL) continue;
    text += "\n";
    startsLine = true;
  }
  return text;
}

async function titleOf(pdf: PdfDocument): Promise<string | undefined> {
  const { info } = await pdf.getMetadata();
  const title = (info as Readonly<Record<string, unknown>>)["Title"];
  return typeof title === "string" && title.trim() !== "" ? title.trim() : undefined;
}
