import { Buffer, constants, isUtf8 } from "node:buffer";
import { binaryFormatOf } from "./binary-format.ts";
import { UnreadableDocumentError } from "./unreadable-document-error.ts";

export interface DecodedText {
  readonly text: string;
  /** The encoding that was used, in the spelling of the WHATWG encoding standard. */
  readonly encoding: string;
  /** How many characters stand in the text as U+FFFD because their bytes made no sense. */
  readonly replaced: number;
}

export interface DecodeOptions {
  /**
   * An encoding that the document names for itself (an HTML `<meta charset>`). It is only asked when the bytes are no
   * valid UTF-8: documents that were converted to UTF-8 and still declare their old encoding are common, and text in
   * another encoding that is valid UTF-8 by chance, beyond ASCII, is not.
   */
  readonly declaredEncoding?: string | undefined;
}

/** Up to this share of unreadable characters, broken UTF-8 is a text with blemishes; beyond it, it is something else. */
const MAX_REPLACED_SHARE = 0.1;
/** No text has this share of control characters, tabs, line ends, form feeds, backspaces and ANSI escapes apart. */
const MAX_CONTROL_SHARE = 0.05;
/** How much is looked at, at the start, in the middle and at the end, for the share of control characters. */
const SAMPLE_BYTES = 4_096;

/**
 * Turns bytes into text, or throws an {@link UnreadableDocumentError} that says what they look like instead.
 *
 * - Valid UTF-8 gives exactly what `fs.readFile(path, "utf8")` gives, a byte order mark included (as U+FEFF), so that
 *   offsets into the text are offsets into what every other program reads from the file.
 * - A UTF-16 byte order mark is obeyed, and dropped from the text.
 * - Broken UTF-8 is decoded with U+FFFD in place of what is broken, and counted in `replaced`, as long as that
 *   concerns at most a tenth of the characters; beyond that the document is refused.
 * - Bytes that start like a known binary format, contain a NUL byte or are full of control characters are refused.
 */
export function decodeText(bytes: Uint8Array, options: DecodeOptions = {}): DecodedText {
  const format = binaryFormatOf(bytes);
  if (format !== undefined) throw refusal(`it looks like ${format}`);
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw new UnreadableDocumentError(
      `expected at most ${constants.MAX_STRING_LENGTH} bytes of text in one document, got ${bytes.length}: split the file`,
    );
  }
  const utf16 = utf16EncodingOf(bytes);
  if (utf16 !== undefined) return decodeUtf16(bytes, utf16);
  refuseBinary(bytes);
  if (isUtf8(bytes)) return { text: utf8(bytes), encoding: "utf-8", replaced: 0 };
  return decodeDeclared(bytes, options.declaredEncoding) ?? decodeBrokenUtf8(bytes);
}

function utf16EncodingOf(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

function decodeUtf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes("\0")) throw refusal(`it starts like ${encoding} text but contains NUL characters`);
  return accepted(text, encoding, countReplacements(text));
}

function refuseBinary(bytes: Uint8Array): void {
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const lookalike = looksLikeBareUtf16(bytes)
      ? "it looks like UTF-16 text without a byte order mark; save it as UTF-8"
      : "it looks like a binary file";
    throw refusal(`it has a NUL byte at offset ${nul}: ${lookalike}`);
  }
  const share = controlShare(bytes);
  if (share > MAX_CONTROL_SHARE) {
    throw refusal(`${Math.round(share * 100)} % of its bytes are control characters: it looks like a binary file`);
  }
}

/** In UTF-16 text of a Latin script nearly every second byte is zero, and always the same second one. */
function looksLikeBareUtf16(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 1024);
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  return Math.max(...zeros) > sample.length * 0.4 && Math.min(...zeros) < sample.length * 0.05;
}

function controlShare(bytes: Uint8Array): number {
  const middle = Math.max(0, Math.floor((bytes.length - SAMPLE_BYTES) / 2));
  const samples =
    bytes.length <= SAMPLE_BYTES * 3
      ? [bytes]
      : [bytes.subarray(0, SAMPLE_BYTES), bytes.subarray(middle, middle + SAMPLE_BYTES), bytes.subarray(-SAMPLE_BYTES)];
  let seen = 0;
  let controls = 0;
  for (const sample of samples) {
    seen += sample.length;
    controls += countOddControls(sample);
  }
  return seen === 0 ? 0 : controls / seen;
}

function countOddControls(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (isOddControl(bytes[at] ?? 0)) count++;
  return count;
}

/** Control characters that text does not have: not 8 to 13 (backspace to carriage return) and not 27 (escape). */
function isOddControl(byte: number): boolean {
  return (byte < 32 && (byte < 8 || byte > 13) && byte !== 27) || byte === 127;
}

function decodeDeclared(bytes: Uint8Array, label: string | undefined): DecodedText | undefined {
  if (label === undefined) return undefined;
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    return undefined; // not the name of an encoding: the declaration says nothing
  }
  if (decoder.encoding === "utf-8" || decoder.encoding.startsWith("utf-16")) return undefined;
  const text = decoder.decode(bytes);
  return accepted(text, decoder.encoding, countReplacements(text));
}

function decodeBrokenUtf8(bytes: Uint8Array): DecodedText {
  const text = utf8(bytes);
  return accepted(text, "utf-8", countReplacements(text) - countEncodedReplacements(bytes));
}

function accepted(text: string, encoding: string, replaced: number): DecodedText {
  if (replaced > text.length * MAX_REPLACED_SHARE) {
    throw refusal(
      `${Math.round((replaced / text.length) * 100)} % of its characters are not valid ${encoding.toUpperCase()}: ` +
        "it is binary or in another encoding; save it as UTF-8",
    );
  }
  return { text, encoding, replaced };
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function countReplacements(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) count++;
  return count;
}

/** How often the bytes themselves spell U+FFFD: those are the author's, not ours. */
function countEncodedReplacements(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const needle = Buffer.from("\uFFFD");
  let count = 0;
  for (let at = buffer.indexOf(needle); at >= 0; at = buffer.indexOf(needle, at + needle.length)) count++;
  return count;
}

function refusal(reason: string): UnreadableDocumentError {
  return new UnreadableDocumentError(`expected text, but ${reason}`);
}
