/**
 * Markdown with offsets.
 *
 * markdown-it knows where blocks begin and end, in lines, and is hardened against input made to be slow. What
 * retrieval needs is less than it can do (no emphasis, no HTML output) and more (offsets in the user's file), so only
 * its block rules run over the text; the lines it reports become offsets through a table of line starts; headings
 * alone get their inline markup parsed, for their titles; and links are found by one scan of our own.
 *
 * Only blocks at the outermost level count: a list with code inside is one block `list`. What is left between blocks
 * (front matter, link reference definitions, thematic breaks) belongs to none; whoever must not lose text, such as the
 * chunker, takes the gaps as well.
 */
import MarkdownIt from "markdown-it";
import type { Env, MarkdownIt as MarkdownParser, Token } from "markdown-it";
import type { Block, BlockKind, Link, ParsedDocument } from "../model/document.ts";
import { trimEnd } from "./characters.ts";
import { readFrontMatter } from "./front-matter.ts";
import { isJsxOnly, isModuleStatement } from "./jsx.ts";
import { lineStarts } from "./line-starts.ts";
import { tellBlocksOnly } from "./markdown-blocks.ts";
import { LinkScanner } from "./markdown-links.ts";

export interface MarkdownOptions {
  /** Whether `import`/`export` statements and JSX are to be told from prose. */
  readonly mdx?: boolean;
}

/**
 * How deep quotes and lists are followed. It bounds the work on hostile nesting, which grows with depth times lines;
 * what is deeper still belongs to its outermost block, but its code is no longer told from prose when links are found.
 */
const MAX_NESTING = 30;
/** A heading longer than this is used as it stands, markup included: nobody wrote it as a heading. */
const MAX_TITLE_SOURCE = 500;

const KINDS: Readonly<Record<string, BlockKind>> = {
  heading_open: "heading",
  paragraph_open: "paragraph",
  fence: "code",
  code_block: "code",
  bullet_list_open: "list",
  ordered_list_open: "list",
  table_open: "table",
  blockquote_open: "quote",
  html_block: "html",
};

/** A character without which text is no inline markup. */
const INLINE_SIGN = /[\n\\`*_~![\]<&]/;
const CUSTOM_HEADING_ID = /[ \t]*\\?\{#[\w:.-]+\}$/;

const markdown = createParser();
/** MDX has no code by indentation: what is indented there stands inside a JSX element. */
const mdx = createParser().disable("code");

/**
 * The structure of a Markdown text. Its `text` is `text` itself. Never throws, and takes time linear in the length of
 * the text, with a factor for nesting that is bounded.
 */
export function parseMarkdown(text: string, options: MarkdownOptions = {}): ParsedDocument {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  const frontMatter = readFrontMatter(text, start);
  const bodyStart = frontMatter?.end ?? start;
  const parser = options.mdx === true ? mdx : markdown;

  const env: Env = {};
  const tokens = parser.parse(text.slice(bodyStart), env);
  const reader = new BlockReader(text, lineStarts(text, bodyStart), options.mdx === true);
  const blocks = reader.read(tokens, parser, env);

  const metadata = frontMatter?.data ?? {};
  return {
    title: stringOr(metadata["title"], () => firstTitle(blocks) ?? htmlTitle(text, blocks)),
    text,
    blocks,
    links: findLinks(text, blocks, reader.nestedCode, env),
    metadata,
  };
}

function createParser(): MarkdownParser {
  return tellBlocksOnly(new MarkdownIt("default", { html: true, maxNesting: MAX_NESTING }));
}

/** A stretch of text, in offsets. */
interface Range {
  readonly start: number;
  readonly end: number;
}

class BlockReader {
  /** Code inside lists and quotes, in order: no place to look for links. */
  readonly nestedCode: Range[] = [];
  readonly #text: string;
  readonly #lines: Uint32Array;
  readonly #mdx: boolean;

  constructor(text: string, lines: Uint32Array, mdx: boolean) {
    this.#text = text;
    this.#lines = lines;
    this.#mdx = mdx;
  }

  read(tokens: readonly Token[], parser: MarkdownParser, env: Env): Block[] {
    const blocks: Block[] = [];
    for (const [i, token] of tokens.entries()) {
      const { map } = token;
      const kind = map === null ? undefined : KINDS[token.type];
      if (kind === undefined || map === null || (token.level > 0 && kind !== "code")) continue;
      const range = this.#rangeOf(map);
      if (token.level > 0) this.nestedCode.push(range);
      else if (range.start === range.end) continue;
      else if (kind !== "heading") blocks.push(this.#block(kind, range, token));
      else {
        const source = tokens[i + 1]?.content || this.#underlined(map);
        blocks.push({ kind, ...range, level: Number(token.tag.slice(1)), title: titleOf(source, parser, env) });
      }
    }
    return blocks;
  }

  #block(kind: BlockKind, range: Range, token: Token): Block {
    if (kind === "code") {
      const language = languageOf(token.info);
      return language === undefined ? { kind, ...range } : { kind, ...range, language };
    }
    if (kind === "paragraph" && this.#mdx && this.#isMdxSyntax(range)) return { kind: "html", ...range };
    return { kind, ...range };
  }

  #isMdxSyntax({ start, end }: Range): boolean {
    const paragraph = this.#text.slice(start, end);
    return isModuleStatement(paragraph) || isJsxOnly(paragraph);
  }

  /** The lines of a heading but for the last one, which marks it as one. Of a heading that begins with `#`, nothing. */
  #underlined([firstLine, endLine]: readonly [number, number]): string {
    return this.#text
      .slice(this.#lines[firstLine], this.#lines[endLine - 1])
      .replaceAll(/\r\n?/g, "\n")
      .trim();
  }

  /** From the start of the first line to the last character that is no whitespace. */
  #rangeOf([firstLine, endLine]: readonly [number, number]): Range {
    const start = this.#lines[firstLine] ?? this.#text.length;
    return { start, end: trimEnd(this.#text, start, this.#lines[endLine] ?? this.#text.length) };
  }
}

function titleOf(source: string, parser: MarkdownParser, env: Env): string {
  const withoutId = source.replace(CUSTOM_HEADING_ID, "");
  if (withoutId.length > MAX_TITLE_SOURCE) return withoutId.slice(0, MAX_TITLE_SOURCE);
  if (!INLINE_SIGN.test(withoutId)) return evenSpace(withoutId);
  const inline: Token[] = [];
  parser.inline.parse(withoutId, parser, env, inline);
  return evenSpace(inline.map(wordsOf).join(""));
}

function wordsOf(token: Token): string {
  if (token.type === "softbreak" || token.type === "hardbreak") return " ";
  if (token.type === "html_inline") return "";
  return token.children === null ? token.content : token.children.map(wordsOf).join("");
}

function evenSpace(text: string): string {
  return text.replaceAll(/\s{2,}|[^\S ]/g, " ").trim();
}

/** The first word of a fence's info string, without the braces that some dialects put around it. */
function languageOf(info: string): string | undefined {
  const word = /^[\s{.]*([^\s{}`,:]+)/.exec(info.slice(0, 200))?.[1];
  return word?.toLowerCase();
}

function firstTitle(blocks: readonly Block[]): string | undefined {
  return blocks.find((block) => block.level === 1 && block.title !== "")?.title;
}

/** Many a README has its title in an HTML heading, to centre it. */
function htmlTitle(text: string, blocks: readonly Block[]): string | undefined {
  for (const block of blocks.slice(0, 5)) {
    if (block.kind !== "html") continue;
    const html = text.slice(block.start, Math.min(block.end, block.start + 2000));
    const open = html.search(/<h1[\s>]/i);
    const close = open === -1 ? -1 : html.indexOf("</h1", open);
    if (close === -1) continue;
    const words = html.slice(html.indexOf(">", open) + 1, close).replaceAll(/<[^<>]*>/g, "");
    if (words.trim() !== "") return evenSpace(words);
  }
  return undefined;
}

function stringOr(value: unknown, otherwise: () => string | undefined): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : otherwise();
}

function findLinks(text: string, blocks: readonly Block[], nestedCode: readonly Range[], env: Env): Link[] {
  const scanner = new LinkScanner(text, env.references ?? {});
  let nextCode = 0;
  for (const block of blocks) {
    if (block.kind === "code") continue;
    let from = block.start;
    for (let code = nestedCode[nextCode]; code !== undefined && code.start < block.end; code = nestedCode[++nextCode]) {
      scanner.scan(from, code.start);
      from = Math.max(from, code.end);
    }
    scanner.scan(from, block.end);
  }
  return scanner.links;
}
