import { kindAt, LETTER, NUMBER, SPACE } from "../embed/character-kinds.ts";
import { vocabulary } from "../embed/vocabulary.ts";
import type { BlockKind, Facts, Link, ParsedDocument } from "../model/document.ts";
import type { Extractor } from "../model/interfaces.ts";
import { datesIn, mayHoldDate } from "./dates.ts";
import { keyTerms, type TermSource } from "./key-terms.ts";
import { plainText, proseBlocks } from "./plain-text.ts";

/** How much of a document the rules read, in characters, and the most entries of each list. */
const MOST_PROSE = 200_000;
/** What a document is about has been said by then, and its headings go on saying it. */
const MOST_PROSE_FOR_TERMS = 12_000;
const MOST_LINKS = 100;
const MOST_DATES = 30;
const MOST_SECTIONS = 40;
const MOST_LANGUAGES = 20;
const MOST_TERMS = 12;
const MOST_NAMES = 20;
const LONGEST_VALUE = 500;

/** Silent reading of English non-fiction: Brysbaert, "How many words do we read per minute?", 2019. */
const WORDS_PER_MINUTE = 238;

const PROSE: ReadonlySet<BlockKind> = new Set(["heading", "paragraph", "list", "quote", "table"]);

/** A date that a document names; `label` is the name it goes by in the front matter. */
export interface DateFact {
  readonly date: string;
  readonly from: "metadata" | "text";
  readonly label?: string;
}

/** What the rules find; every value is plain JSON, and every list is bounded. */
export interface RuleBasedFacts extends Facts {
  readonly title?: string;
  readonly description?: string;
  readonly authors?: readonly string[];
  readonly tags?: readonly string[];
  readonly language?: string;
  /** Those of the metadata first, then those of the prose, each day once. Dates in code are examples, not facts. */
  readonly dates: readonly DateFact[];
  /** The first 100 different addresses; `linkCount` counts all different ones. */
  readonly links: readonly Link[];
  readonly linkCount: number;
  /** With the number of code blocks in each, most first. */
  readonly codeLanguages: readonly { readonly language: string; readonly blocks: number }[];
  readonly keyTerms: readonly string[];
  /** The headings of the two highest levels that the document uses. */
  readonly sections: readonly string[];
  /** Words of prose: code is not counted. */
  readonly words: number;
  readonly readingMinutes: number;
}

/**
 * The facts that rules can find in a document, without a model. A pure function. Dates are those of the first 200,000
 * characters of prose, key terms those of the first 12,000 and of the headings in the first 200,000; words are counted
 * to the end. Facts that a document does not have are absent, lists are then empty.
 */
export function extractFacts(document: ParsedDocument): RuleBasedFacts {
  vocabulary.trim();
  const { metadata } = document;
  const { terms, dated } = readProse(document);
  const words = countWords(document);
  const links = distinctLinks(document.links);
  return {
    ...optional("title", cut(document.title)),
    ...optional("description", cut(metadata["description"] ?? metadata["og:description"] ?? metadata["summary"])),
    ...optional("authors", names(metadata["authors"] ?? metadata["author"] ?? metadata["dc.creator"])),
    ...optional("tags", names(metadata["tags"] ?? metadata["keywords"])),
    ...optional("language", cut(metadata["lang"] ?? metadata["language"])),
    dates: dates(metadata, dated),
    links: links.slice(0, MOST_LINKS),
    linkCount: links.length,
    codeLanguages: codeLanguages(document),
    keyTerms: keyTerms(terms, MOST_TERMS),
    sections: sections(document),
    words,
    readingMinutes: Math.ceil(words / WORDS_PER_MINUTE),
  };
}

/** The extractor that needs no model. It works in the calling thread. */
export function ruleBasedExtractor(): Extractor {
  return {
    fingerprint: "rules v2",
    extract: (document) => Promise.resolve(extractFacts(document)),
  };
}

/** Where key terms are looked for, and where dates; what is neither is not even freed from its markup. */
function readProse(document: ParsedDocument): { readonly terms: TermSource[]; readonly dated: string[] } {
  const terms: TermSource[] = [{ text: document.title ?? "", kind: "title" }];
  const dated: string[] = [];
  for (const { block, markdown, before } of proseBlocks(document, PROSE, MOST_PROSE)) {
    const isHeading = block.kind === "heading";
    const forTerms = isHeading || before < MOST_PROSE_FOR_TERMS;
    const forDates = mayHoldDate(markdown);
    if (!forTerms && !forDates) continue;
    const text = isHeading ? markdown : plainText(markdown);
    if (forTerms) terms.push({ text, kind: isHeading ? "heading" : "prose" });
    if (forDates) dated.push(text);
  }
  return { terms, dated };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

function cut(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = plainText(value.slice(0, 2 * LONGEST_VALUE));
  return text === "" ? undefined : text.slice(0, LONGEST_VALUE);
}

/** A list of names, or one string with commas. */
function names(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  const found = list.slice(0, MOST_NAMES).flatMap((entry) => cut(entry) ?? []);
  return found.length === 0 ? undefined : found;
}

function dates(metadata: ParsedDocument["metadata"], prose: readonly string[]): readonly DateFact[] {
  const found = new Map<string, DateFact>();
  const add = (fact: DateFact): void => {
    if (found.size < MOST_DATES && !found.has(fact.date)) found.set(fact.date, fact);
  };
  for (const [label, value] of Object.entries(metadata).slice(0, 100)) {
    const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value;
    if (typeof text !== "string") continue;
    for (const date of datesIn(text.slice(0, LONGEST_VALUE)))
      add({ date, from: "metadata", label: label.slice(0, 100) });
  }
  for (const text of prose) {
    if (found.size >= MOST_DATES) break;
    for (const date of datesIn(text)) add({ date, from: "text" });
  }
  return Array.from(found.values());
}

function distinctLinks(links: readonly Link[]): readonly Link[] {
  const found = new Map<string, Link>();
  for (const { text, url } of links) {
    if (url === "" || url.startsWith("#") || found.has(url)) continue;
    found.set(url, { text: text.slice(0, LONGEST_VALUE), url: url.slice(0, 2000) });
  }
  return Array.from(found.values());
}

function codeLanguages(document: ParsedDocument): RuleBasedFacts["codeLanguages"] {
  const counts = new Map<string, number>();
  for (const { kind, language } of document.blocks) {
    if (kind !== "code" || language === undefined || language === "") continue;
    const name = language.toLowerCase().slice(0, 40);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Array.from(counts, ([language, blocks]) => ({ language, blocks }))
    .toSorted((left, right) => right.blocks - left.blocks || (left.language < right.language ? -1 : 1))
    .slice(0, MOST_LANGUAGES);
}

function sections({ blocks }: ParsedDocument): readonly string[] {
  const headings = blocks.filter(({ kind, title }) => kind === "heading" && title !== undefined && title !== "");
  const highest = Math.min(...Array.from(new Set(headings.map(({ level = 1 }) => level))));
  return headings
    .filter(({ level = 1 }) => level <= highest + 1)
    .slice(0, MOST_SECTIONS)
    .map(({ title = "" }) => title.slice(0, LONGEST_VALUE));
}

/** Runs of characters other than white space that begin with a letter or digit; counted in place, for texts of any size. */
function countWords({ text, blocks }: ParsedDocument): number {
  let words = 0;
  for (const { kind, start, end } of blocks) {
    if (!PROSE.has(kind)) continue;
    let inside = false;
    for (let at = start; at < end; at++) {
      const found = kindAt(text, at);
      if ((found & SPACE) !== 0) inside = false;
      else if (!inside && (found & (LETTER | NUMBER)) !== 0) {
        words++;
        inside = true;
      }
    }
  }
  return words;
}
