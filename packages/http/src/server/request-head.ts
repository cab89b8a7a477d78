import type { IncomingMessage } from "node:http";

/** What the head of a request says of its framing and its target. */
export interface RequestHead {
  /** The status with which it is refused; 0 if it is not. */
  readonly refusal: number;
  readonly host: string;
  /** Bytes of the body, if that is announced. */
  readonly length: number | null;
  /** Whether there is a body. */
  readonly hasBody: boolean;
}

/** What a host may be made of; whether it is one, the URL's parser decides. */
const hostPattern = /^[^\s/?#@\\<>^`{|}"]+$/;

/**
 * Reads a head. Node's parser has refused, with 400, what is malformed: a length beside a transfer encoding, two
 * lengths, folded lines, bare line feeds, blanks before a colon. What it lets through, or tells of only when the handler
 * runs already, and two parties could understand differently is refused here: transfer encodings other than `chunked`,
 * chunks in HTTP/1.0, which has none, several `Host` fields, none, or one that is no host. (Node would also drop, without a word, header fields beyond a number; the
 * server takes all and refuses the request.)
 */
export function readHead(incoming: IncomingMessage, maxHeaders: number): RequestHead {
  const { rawHeaders } = incoming;
  let host = "";
  let hosts = 0;
  let length: number | null = null;
  let chunked = false;
  let unknownEncoding = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === "host") {
      hosts += 1;
      host = rawHeaders[index + 1] as string;
    } else if (name.length === 14 && name.toLowerCase() === "content-length") {
      length = Number(rawHeaders[index + 1]);
    } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      unknownEncoding ||= chunked || (rawHeaders[index + 1] as string).toLowerCase() !== "chunked";
      chunked = true;
    }
  }
  const hasBody = chunked || (length !== null && length > 0);
  return { refusal: refusalOf(), host, length, hasBody };

  function refusalOf(): number {
    if (rawHeaders.length > 2 * maxHeaders) return 431;
    // Node answers a missing one itself, but looks at what follows the request.
    if (hosts !== 1 && incoming.httpVersionMinor > 0) return 400;
    if (hosts > 1 || (host !== "" && !hostPattern.test(host))) return 400;
    if (unknownEncoding) return 501;
    return chunked && incoming.httpVersionMinor === 0 ? 400 : 0;
  }
}

/** The URL of a request, or null if it has none. */
export function urlOf(incoming: IncomingMessage, host: string, secure: boolean): string | null {
  const target = incoming.url as string;
  const origin = `${secure ? "https" : "http"}://${host === "" ? "localhost" : host}`;
  if (target.startsWith("/")) return origin + target;
  // Whoever speaks to a proxy sends a whole URL, and it goes before the Host field; OPTIONS may ask about "*".
  if (target === "*") return `${origin}/*`;
  return /^https?:\/\//i.test(target) ? target : null;
}
