import { parse } from "yaml";

export interface FrontMatter {
  readonly data: Readonly<Record<string, unknown>>;
  /** Where the document proper begins: the offset behind the closing line. */
  readonly end: number;
}

/** Front matter is a few lines about a document. What is longer than this is not front matter, whatever it says. */
const MAX_LENGTH = 65_536;
const OPENING = /^---[ \t]*(?:\r\n|\n|\r)/;
const CLOSING = /(?:\r\n|\n|\r)(?:---|\.\.\.)[ \t]*(?=\r|\n|$)/g;

/**
 * The YAML between `---` lines at `start`, or undefined if there is none, if it is no valid YAML, or if it is not a
 * mapping: then those lines are ordinary text. Never throws.
 */
export function readFrontMatter(text: string, start: number): FrontMatter | undefined {
  if (!text.startsWith("---", start)) return undefined;
  const head = text.slice(start, start + MAX_LENGTH);
  const opening = OPENING.exec(head);
  if (opening === null) return undefined;
  const bodyStart = opening[0].length;
  CLOSING.lastIndex = bodyStart - 1;
  const closing = CLOSING.exec(head);
  if (closing === null) return undefined;
  const data = parseMapping(head.slice(bodyStart, Math.max(bodyStart, closing.index)));
  return data && { data, end: start + closing.index + closing[0].length };
}

function parseMapping(source: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parse(source, {
      logLevel: "error",
      uniqueKeys: false,
      maxAliasCount: 50,
    });
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined; // not YAML: a thematic break and some text
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
