interface Signature {
  readonly description: string;
  readonly bytes: readonly number[];
  readonly offset?: number;
  /** A text could begin with these characters too: only with a NUL byte soon after are they the format. */
  readonly isAlsoText?: true;
}

/** The first bytes of formats that people keep beside their documents, and what to call them in an error. */
const SIGNATURES: readonly Signature[] = [
  { description: "a PDF file", bytes: ascii("%PDF-") },
  {
    description: "a ZIP archive (DOCX, XLSX, EPUB and JAR files are ZIP archives too)",
    bytes: [0x50, 0x4b, 0x03, 0x04],
  },
  { description: "a gzip archive", bytes: [0x1f, 0x8b] },
  { description: "a bzip2 archive", bytes: ascii("1AY&SY"), offset: 4 },
  { description: "an xz archive", bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { description: "a Zstandard archive", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { description: "a 7z archive", bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { description: "a PNG image", bytes: [0x89, 0x50, 0x4e, 0x47] },
  { description: "a JPEG image", bytes: [0xff, 0xd8, 0xff] },
  { description: "a GIF image", bytes: ascii("GIF8"), isAlsoText: true },
  { description: "an old Microsoft Office file", bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  { description: "a SQLite database", bytes: ascii("SQLite format 3\0") },
  { description: "an ELF program", bytes: [0x7f, 0x45, 0x4c, 0x46] },
  { description: "a WebAssembly module", bytes: ascii("\0asm") },
  { description: "a Mach-O program", bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  { description: "an MP4 or QuickTime file", bytes: ascii("ftyp"), offset: 4, isAlsoText: true },
  { description: "UTF-32 text", bytes: [0xff, 0xfe, 0x00, 0x00] },
  { description: "UTF-32 text", bytes: [0x00, 0x00, 0xfe, 0xff] },
];

/** What the bytes are, judged by the signature at their start, or undefined if they carry none that is known. */
export function binaryFormatOf(bytes: Uint8Array): string | undefined {
  const hasNul = bytes.subarray(0, 64).includes(0);
  return SIGNATURES.find(
    ({ bytes: signature, offset = 0, isAlsoText = false }) =>
      signature.every((byte, i) => bytes[offset + i] === byte) && (hasNul || !isAlsoText),
  )?.description;
}

function ascii(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}
