import type { Link, ParsedDocument } from "../model/document.ts";
import { readHtml } from "./html-events.ts";
import { HtmlExtractor } from "./html-extractor.ts";
import type { Extent } from "./html-writer.ts";

export interface HtmlOptions {
  /** Whether the document is XHTML, in which `<a/>` has no content; HTML ignores the slash. */
  readonly xhtml?: boolean;
}

/** A main element with less than this, in characters and as a share of the page, is not where the text is. */
const LEAST_MAIN_LENGTH = 500;
const LEAST_MAIN_SHARE = 0.1;

/**
 * The text of a page, in the notation of Markdown, with its headings, lists, code, tables and quotes as blocks.
 *
 * Navigation, footers, asides, scripts, styles and controls are left out; if the page has a `<main>` element (or one
 * with that role) or a single `<article>`, only that is taken. A page that consists of nothing but navigation gives
 * its navigation. Never throws; time and memory are linear in the length, whatever the nesting.
 */
export function parseHtml(html: string, options: HtmlOptions = {}): ParsedDocument {
  const extractor = extract(html, options);
  const { text, blocks, links } = extractor.writer.excerpt(mainExtent(extractor));
  const metadata = extractor.metadata.values;
  const heading = blocks.find((block) => block.level === 1)?.title;
  return { title: titleOf(extractor, heading), text, blocks, links: distinct(links), metadata };
}

function extract(html: string, { xhtml = false }: HtmlOptions): HtmlExtractor {
  const extractor = new HtmlExtractor({ keepFurniture: false });
  readHtml(html, extractor, { xhtml });
  if (extractor.writer.length > 0) return extractor;
  const everything = new HtmlExtractor({ keepFurniture: true });
  readHtml(html, everything, { xhtml });
  return everything;
}

function mainExtent({ regions, writer }: HtmlExtractor): Extent {
  const whole: Extent = { start: { length: 0, links: 0 }, end: writer.border() };
  const articles = regions.filter(({ name }) => name === "article");
  const main = regions.find(({ name }) => name === "main") ?? (articles.length === 1 ? articles[0] : undefined);
  if (main === undefined) return whole;
  const length = main.end.length - main.start.length;
  return length >= LEAST_MAIN_LENGTH || length >= whole.end.length * LEAST_MAIN_SHARE ? main : whole;
}

/** The first heading, if the page's title is that with more around it (the site's name); else the page's title. */
function titleOf({ title, metadata }: HtmlExtractor, heading: string | undefined): string | undefined {
  const declared = title.replaceAll(/\s+/g, " ").trim();
  if (heading !== undefined && heading !== "" && declared.includes(heading)) return heading;
  return [declared, metadata.get("og:title"), heading].find((candidate) => candidate !== undefined && candidate !== "");
}

/** Each address once: pages link the same neighbours from everywhere. */
function distinct(links: readonly Link[]): Link[] {
  const byUrl = new Map<string, Link>();
  for (const link of links) if (!byUrl.has(link.url)) byUrl.set(link.url, link);
  return [...byUrl.values()];
}
