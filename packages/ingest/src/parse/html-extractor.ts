import { BLOCK_LEVEL, DROPPED, FURNITURE, FURNITURE_ROLES, PREFORMATTED } from "./html-elements.ts";
import type { HtmlHandler } from "./html-events.ts";
import { languageOfClass } from "./html-language.ts";
import { HtmlMetadata } from "./html-metadata.ts";
import { HtmlTable } from "./html-table.ts";
import { type Extent, fenced, HtmlWriter, type Mark } from "./html-writer.ts";

export interface ExtractorOptions {
  /** Whether navigation, footers and asides are text as well. */
  readonly keepFurniture: boolean;
}

/** What an element changed on being opened, to be undone on closing. */
type Frame =
  | { readonly kind: "plain" }
  | { readonly kind: "dropped" }
  | { readonly kind: "title" }
  | { readonly kind: "region"; readonly name: "main" | "article"; readonly start: Mark }
  | { readonly kind: "heading" }
  | { readonly kind: "list" }
  | { readonly kind: "quote" }
  | { readonly kind: "pre" }
  | { readonly kind: "table" }
  | { readonly kind: "link"; readonly url: string; readonly outerText: string | undefined }
  | { readonly kind: "language"; readonly outer: string | undefined };

interface OpenList {
  /** The number of its next item, or undefined for bullets. */
  next: number | undefined;
}

const PLAIN: Frame = { kind: "plain" };
/** Stands for `<br>` in inline text, where a line feed is no more than a space. HTML text has no NUL of its own. */
const LINE_BREAK = "\0";
const MAX_LINK_TEXT = 300;
/** The sign beside a heading that links to it. */
const PERMALINK = /^[§¶] ?| ?[§¶]$| #$/g;

/** Follows the elements of a page and writes down its text. */
export class HtmlExtractor implements HtmlHandler {
  readonly writer: HtmlWriter = new HtmlWriter();
  readonly metadata: HtmlMetadata = new HtmlMetadata();
  /** Where the page's `<main>` and `<article>` elements were written, those in others left out. */
  readonly regions: (Extent & { readonly name: "main" | "article" })[] = [];
  /** The text of the `<title>` element. */
  title = "";

  readonly #keepFurniture: boolean;
  readonly #frames: Frame[] = [];
  readonly #lists: OpenList[] = [];
  /** Inline text since the last border of a block, as written or (in `pre`) as it stands. */
  #inline: string[] = [];
  #dropped = 0;
  #regionDepth = { main: 0, article: 0 };
  #headingLevel = 0;
  #quotes = 0;
  #pre = 0;
  #inTitle = false;
  #table: HtmlTable | undefined;
  #marker: string | undefined;
  #language: string | undefined;
  #linkText: string | undefined;

  constructor(options: ExtractorOptions) {
    this.#keepFurniture = options.keepFurniture;
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    this.metadata.see(name, attributes);
    if (this.#dropped === 0 && BLOCK_LEVEL.has(name)) this.#endBlock();
    this.#frames.push(this.#enter(name, attributes));
  }

  close(name: string): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    if (this.#dropped === 0 && BLOCK_LEVEL.has(name)) this.#endBlock();
    this.#leave(frame);
  }

  text(data: string): void {
    if (this.#dropped > 0) return;
    if (this.#inTitle) this.title += data;
    else {
      this.#inline.push(data);
      if (this.#linkText !== undefined && this.#linkText.length < MAX_LINK_TEXT) this.#linkText += data;
    }
  }

  end(): void {
    this.#endBlock();
  }

  #enter(name: string, attributes: ReadonlyMap<string, string>): Frame {
    if (this.#dropped > 0 || this.#isDropped(name, attributes)) {
      this.#dropped++;
      return { kind: "dropped" };
    }
    if (name === "title") {
      this.#inTitle = true;
      return { kind: "title" };
    }
    const role = attributes.get("role");
    if (name === "main" || role === "main") return this.#enterRegion("main");
    if (name === "article") return this.#enterRegion("article");
    if (/^h[1-6]$/.test(name)) return this.#enterHeading(Number(name[1]));
    if (PREFORMATTED.has(name)) return this.#enterPre(attributes);
    switch (name) {
      case "br":
        this.#inline.push(LINE_BREAK);
        return PLAIN;
      case "ul":
      case "ol":
      case "menu":
        this.#lists.push({
          next: name === "ol" ? Number.parseInt(attributes.get("start") ?? "1", 10) || 0 : undefined,
        });
        return { kind: "list" };
      case "li":
        this.#startItem();
        return PLAIN;
      case "blockquote":
        this.#quotes++;
        return { kind: "quote" };
      case "a":
        return this.#enterLink(attributes.get("href") ?? "");
      case "table":
      case "tr":
      case "td":
      case "th":
        return this.#enterTable(name);
      default:
        return this.#noteLanguage(attributes.get("class"));
    }
  }

  #leave(frame: Frame): void {
    switch (frame.kind) {
      case "dropped":
        this.#dropped--;
        break;
      case "title":
        this.#inTitle = false;
        break;
      case "region":
        this.#table?.flush(this.writer);
        if (--this.#regionDepth[frame.name] === 0) {
          this.regions.push({ name: frame.name, start: frame.start, end: this.writer.border() });
        }
        break;
      case "heading":
        this.#headingLevel = 0;
        break;
      case "list":
        this.#lists.pop();
        break;
      case "quote":
        this.#quotes--;
        break;
      case "pre":
        this.#pre--;
        break;
      case "table":
        if (this.#table?.endsWith() === true) {
          this.#table.flush(this.writer);
          this.#table = undefined;
        }
        break;
      case "link":
        this.#leaveLink(frame.url, frame.outerText);
        break;
      case "language":
        this.#language = frame.outer;
        break;
      case "plain":
        break;
    }
  }

  #isDropped(name: string, attributes: ReadonlyMap<string, string>): boolean {
    if (DROPPED.has(name)) return true;
    if (attributes.size > 0) {
      if (attributes.has("hidden")) return true;
      const classes = attributes.get("class") ?? "";
      if (classes !== "" && (name === "a" ? /\b(?:headerlink|anchor-?link|hash-link)\b/ : /\blinenos?\b/).test(classes))
        return true;
      if (!this.#keepFurniture && FURNITURE_ROLES.has(attributes.get("role") ?? "")) return true;
    }
    return !this.#keepFurniture && FURNITURE.has(name);
  }

  #enterRegion(name: "main" | "article"): Frame {
    this.#table?.flush(this.writer);
    this.#regionDepth[name]++;
    return { kind: "region", name, start: this.writer.border() };
  }

  /** A heading stands by itself, also in a list or in a table that makes the page's layout. */
  #enterHeading(level: number): Frame {
    this.#table?.flush(this.writer);
    this.#headingLevel = level;
    return { kind: "heading" };
  }

  #enterPre(attributes: ReadonlyMap<string, string>): Frame {
    this.#pre++;
    this.#language = languageOfClass(attributes.get("class")) ?? attributes.get("lang") ?? this.#language;
    return { kind: "pre" };
  }

  #startItem(): void {
    const list = this.#lists.at(-1);
    this.#marker = list?.next === undefined ? "- " : `${list.next++}. `;
  }

  #enterLink(url: string): Frame {
    if (url === "" || url.startsWith("#") || /^\s*javascript:/i.test(url)) return PLAIN;
    const outerText = this.#linkText;
    this.#linkText = "";
    return { kind: "link", url: url.trim(), outerText };
  }

  #leaveLink(url: string, outerText: string | undefined): void {
    const text = collapsed(this.#linkText ?? "");
    this.writer.link(text === "" ? url : text, url);
    this.#linkText = outerText;
  }

  #enterTable(name: string): Frame {
    if (this.#table !== undefined) this.#table.open(name);
    else if (name === "table") this.#table = new HtmlTable();
    return name === "table" ? { kind: "table" } : PLAIN;
  }

  /** Sphinx marks the language on a `<div>` around the code, highlighters on the `<code>` inside. */
  #noteLanguage(classes: string | undefined): Frame {
    const language = languageOfClass(classes);
    if (language === undefined) return PLAIN;
    const outer = this.#language;
    this.#language = language;
    return this.#pre > 0 ? PLAIN : { kind: "language", outer };
  }

  /** The text since the last border is whole: writes it as what it is here. */
  #endBlock(): void {
    if (this.#inline.length === 0) return;
    const raw = this.#inline.join("");
    this.#inline = [];
    if (this.#pre > 0) this.#writeCode(raw.replaceAll(LINE_BREAK, "\n"));
    else this.#writeText(raw.split(LINE_BREAK).map(collapsed).filter(Boolean).join("\n"));
  }

  #writeText(text: string): void {
    if (text === "") return;
    const flat = text.replaceAll("\n", " ");
    if (this.#headingLevel > 0) this.writer.heading(this.#headingLevel, flat.replaceAll(PERMALINK, ""));
    else if (this.#table?.add(text) === true) return;
    else if (this.#lists.length > 0) this.#writeItem(text);
    else if (this.#quotes > 0) this.writer.quote(text);
    else this.writer.paragraph(text);
  }

  #writeCode(raw: string): void {
    const code = raw.replace(/^\r?\n/, "").trimEnd();
    if (code.trim() === "") return;
    const language = this.#language;
    this.#language = undefined;
    this.#table?.flush(this.writer);
    if (this.#lists.length > 0) this.#writeItem(fenced(code, language));
    else this.writer.code(code, language);
  }

  #writeItem(text: string): void {
    const list = this.#lists[0];
    if (list === undefined) return;
    this.writer.listItem(list, this.#lists.length, this.#marker ?? "  ", text);
    this.#marker = undefined;
  }
}

function collapsed(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
