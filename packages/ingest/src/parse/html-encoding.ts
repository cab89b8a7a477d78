import { Buffer } from "node:buffer";

/** Browsers look no further for it. */
const PRELUDE = 1024;
const DECLARATION = /(?:<meta\s[^>]{0,500}?charset|<\?xml\s[^>]{0,200}?encoding)\s*=\s*["']?\s*([\w.:-]{1,40})/i;

/** The encoding that an HTML document names in its `<meta>` element or XML declaration. */
export function declaredHtmlEncoding(bytes: Uint8Array): string | undefined {
  const prelude = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRELUDE)).toString("latin1");
  return DECLARATION.exec(prelude)?.[1];
}
