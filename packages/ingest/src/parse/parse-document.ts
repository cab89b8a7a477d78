import type { ParsedDocument } from "../model/document.ts";
import { type DecodedText, decodeText } from "./decode.ts";
import { parseDocx } from "./docx.ts";
import { parseHtml } from "./html.ts";
import { declaredHtmlEncoding } from "./html-encoding.ts";
import { parseMarkdown } from "./markdown.ts";
import { parsePdf } from "./pdf.ts";
import { parseText } from "./text.ts";
import { UnreadableDocumentError } from "./unreadable-document-error.ts";

/** What is parsed: a part of a `RawDocument`. */
export interface ParseInput {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** The document's address, for messages. */
  readonly source: string;
}

interface NamedFormat {
  readonly name: string;
  /** Raise it with every change that makes another document of the same bytes. */
  readonly version: number;
}

/** A way to understand one family of formats that are text. */
interface TextFormat extends NamedFormat {
  readonly isHtml?: true;
  parse(text: string): ParsedDocument;
}

/** A way to understand a format that is not text: it sees the bytes. */
interface BinaryFormat extends NamedFormat {
  parseBytes(bytes: Uint8Array, source: string): Promise<ParsedDocument>;
}

type Format = TextFormat | BinaryFormat;

const MARKDOWN: TextFormat = { name: "markdown", version: 1, parse: (text) => parseMarkdown(text) };
const MDX: TextFormat = { name: "mdx", version: 1, parse: (text) => parseMarkdown(text, { mdx: true }) };
const HTML: TextFormat = { name: "html", version: 1, isHtml: true, parse: (text) => parseHtml(text) };
const XHTML: TextFormat = {
  name: "xhtml",
  version: 1,
  isHtml: true,
  parse: (text) => parseHtml(text, { xhtml: true }),
};
const TEXT: TextFormat = { name: "text", version: 1, parse: parseText };
const PDF: BinaryFormat = { name: "pdf", version: 1, parseBytes: parsePdf };
const DOCX: BinaryFormat = { name: "docx", version: 1, parseBytes: parseDocx };

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ["text/markdown", MARKDOWN],
  ["text/mdx", MDX],
  ["text/html", HTML],
  ["application/xhtml+xml", XHTML],
  ["text/plain", TEXT],
  ["text/x-rst", TEXT],
  ["text/asciidoc", TEXT],
  ["application/pdf", PDF],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", DOCX],
]);

/** Changes whenever the same bytes would be parsed differently: the versions of the formats and of their libraries. */
export const PARSER_FINGERPRINT: string = [
  "decode/1",
  ...[MARKDOWN, MDX, HTML, XHTML, TEXT, PDF, DOCX].map(({ name, version }) => `${name}/${version}`),
  "markdown-it@15.0.3",
  "htmlparser2@12.0.0",
  "yaml@2.9.1",
  "unpdf@1.8.1",
  "mammoth@1.13.0",
].join(" ");

/** Whether {@link parseDocument} reads documents of this media type (parameters such as a charset aside). */
export function acceptsMediaType(mediaType: string): boolean {
  return FORMATS.has(essenceOf(mediaType));
}

/**
 * Turns a document's bytes into text with structure. Rejects with an {@link UnreadableDocumentError} for bytes that are not
 * what the media type says and for a media type that {@link acceptsMediaType} refuses. `metadata.encoding` and
 * `metadata.replacedCharacters` tell when the text is not plain valid UTF-8.
 */
export async function parseDocument({ bytes, mediaType, source }: ParseInput): Promise<ParsedDocument> {
  const format = FORMATS.get(essenceOf(mediaType));
  if (format === undefined) {
    const known = [...FORMATS.keys()].join(", ");
    throw new UnreadableDocumentError(
      `${source}: no parser for the media type "${mediaType}"; there are parsers for ${known}`,
    );
  }
  if ("parseBytes" in format) return format.parseBytes(bytes, source);
  const decoded = decodeText(bytes, {
    declaredEncoding: encodingOf(mediaType) ?? (format.isHtml && declaredHtmlEncoding(bytes)),
  });
  const document = format.parse(decoded.text);
  return { ...document, metadata: { ...document.metadata, ...decodingNotes(decoded) } };
}

function essenceOf(mediaType: string): string {
  return (mediaType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

function encodingOf(mediaType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(mediaType)?.[1];
}

function decodingNotes({ encoding, replaced }: DecodedText): Record<string, unknown> {
  return {
    ...(encoding === "utf-8" ? {} : { encoding }),
    ...(replaced === 0 ? {} : { replacedCharacters: replaced }),
  };
}
