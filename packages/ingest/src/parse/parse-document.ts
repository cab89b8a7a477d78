import type { ParsedDocument } from "../model/document.ts";
import { type DecodedText, decodeText } from "./decode.ts";
import { parseHtml } from "./html.ts";
import { declaredHtmlEncoding } from "./html-encoding.ts";
import { parseMarkdown } from "./markdown.ts";
import { parseText } from "./text.ts";
import { UnreadableDocumentError } from "./unreadable-document-error.ts";

/** What is parsed: a part of a `RawDocument`. */
export interface ParseInput {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** The document's address, for messages. */
  readonly source: string;
}

/** A way to understand one family of formats. */
interface Format {
  readonly name: string;
  /** Raise it with every change that makes another document of the same text. */
  readonly version: number;
  readonly isHtml?: true;
  parse(text: string): ParsedDocument;
}

const MARKDOWN: Format = { name: "markdown", version: 1, parse: (text) => parseMarkdown(text) };
const MDX: Format = { name: "mdx", version: 1, parse: (text) => parseMarkdown(text, { mdx: true }) };
const HTML: Format = { name: "html", version: 1, isHtml: true, parse: (text) => parseHtml(text) };
const XHTML: Format = { name: "xhtml", version: 1, isHtml: true, parse: (text) => parseHtml(text, { xhtml: true }) };
const TEXT: Format = { name: "text", version: 1, parse: parseText };

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ["text/markdown", MARKDOWN],
  ["text/mdx", MDX],
  ["text/html", HTML],
  ["application/xhtml+xml", XHTML],
  ["text/plain", TEXT],
  ["text/x-rst", TEXT],
  ["text/asciidoc", TEXT],
]);

/** Changes whenever the same bytes would be parsed differently: the versions of the formats and of their libraries. */
export const PARSER_FINGERPRINT: string = [
  "decode/1",
  ...[MARKDOWN, MDX, HTML, XHTML, TEXT].map(({ name, version }) => `${name}/${version}`),
  "markdown-it@15.0.3",
  "htmlparser2@12.0.0",
  "yaml@2.9.1",
].join(" ");

/** Whether {@link parseDocument} reads documents of this media type (parameters such as a charset aside). */
export function acceptsMediaType(mediaType: string): boolean {
  return FORMATS.has(essenceOf(mediaType));
}

/**
 * Turns a document's bytes into text with structure. Throws an {@link UnreadableDocumentError} for bytes that are no
 * text and for a media type that {@link acceptsMediaType} refuses. `metadata.encoding` and
 * `metadata.replacedCharacters` tell when the text is not plain valid UTF-8.
 */
export function parseDocument({ bytes, mediaType, source }: ParseInput): ParsedDocument {
  const format = FORMATS.get(essenceOf(mediaType));
  if (format === undefined) {
    const known = [...FORMATS.keys()].join(", ");
    throw new UnreadableDocumentError(
      `${source}: no parser for the media type "${mediaType}"; there are parsers for ${known}`,
    );
  }
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
