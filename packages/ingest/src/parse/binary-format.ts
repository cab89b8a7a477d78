/** The first bytes of formats that people keep beside their documents, and what to call them in an error. */
const SIGNATURES: readonly (readonly [description: string, offset: number, bytes: readonly number[]])[] = [
  ["a PDF file", 0, [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ["a ZIP archive (DOCX, XLSX, EPUB and JAR files are ZIP archives too)", 0, [0x50, 0x4b, 0x03, 0x04]],
  ["a gzip archive", 0, [0x1f, 0x8b]],
  ["a bzip2 archive", 0, [0x42, 0x5a, 0x68]],
  ["an xz archive", 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["a Zstandard archive", 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ["a 7z archive", 0, [0x37, 0x7a, 0xbc, 0xaf]],
  ["a PNG image", 0, [0x89, 0x50, 0x4e, 0x47]],
  ["a JPEG image", 0, [0xff, 0xd8, 0xff]],
  ["a GIF image", 0, [0x47, 0x49, 0x46, 0x38]],
  ["an old Microsoft Office file", 0, [0xd0, 0xcf, 0x11, 0xe0]],
  ["a SQLite database", 0, [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66, 0x6f, 0x72, 0x6d, 0x61, 0x74]],
  ["an ELF program", 0, [0x7f, 0x45, 0x4c, 0x46]],
  ["a WebAssembly module", 0, [0x00, 0x61, 0x73, 0x6d]],
  ["a Mach-O program", 0, [0xcf, 0xfa, 0xed, 0xfe]],
  ["an MP4 or QuickTime file", 4, [0x66, 0x74, 0x79, 0x70]],
  ["UTF-32 text", 0, [0xff, 0xfe, 0x00, 0x00]],
  ["UTF-32 text", 0, [0x00, 0x00, 0xfe, 0xff]],
];

/**
 * What the bytes are, judged by the signature at their start, or undefined if they carry none that is known. A
 * signature made of printable characters alone counts as well (`%PDF-`), because no prose begins so.
 */
export function binaryFormatOf(bytes: Uint8Array): string | undefined {
  const match = SIGNATURES.find(([, offset, signature]) => signature.every((byte, i) => bytes[offset + i] === byte));
  return match?.[0];
}
