import type { Block, BlockKind, Link } from "../model/document.ts";

/** Deeper lists are not indented further: the text of hostile nesting would grow with the square of its depth. */
const MAX_INDENT_DEPTH = 8;
/** A page with more links than this is a list of links; the first ones say what it is. */
const MAX_LINKS = 10_000;

const BETWEEN_BLOCKS = "\n\n";

/** A place in what was written: so much text and so many links came before. */
export interface Mark {
  readonly length: number;
  readonly links: number;
}

/** A stretch of what was written, such as that of the main element. */
export interface Extent {
  readonly start: Mark;
  readonly end: Mark;
}

/**
 * Writes extracted text block by block and keeps the blocks' offsets. The notation is that of Markdown (`#` before
 * headings, fences around code, pipes between cells), so that passages from all formats look alike to whoever reads
 * them, a language model above all.
 */
export class HtmlWriter {
  readonly blocks: Block[] = [];
  readonly #links: Link[] = [];
  readonly #parts: string[] = [];
  #length = 0;
  /** The outermost list that the last block belongs to, if that block is a list. */
  #list: object | undefined;

  /** How much was written. */
  get length(): number {
    return this.#length;
  }

  heading(level: number, title: string): void {
    this.#block(`${"#".repeat(level)} ${title}`, { kind: "heading", level, title });
  }

  paragraph(text: string): void {
    this.#block(text, { kind: "paragraph" });
  }

  quote(text: string): void {
    this.#block(prefixed(text, "> "), { kind: "quote" });
  }

  code(code: string, language: string | undefined): void {
    this.#block(fenced(code, language), language === undefined ? { kind: "code" } : { kind: "code", language });
  }

  table(rows: readonly (readonly string[])[], hasHeader: boolean): void {
    const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    if (hasHeader) lines.splice(1, 0, `|${" --- |".repeat(rows[0]?.length ?? 1)}`);
    this.#block(lines.join("\n"), { kind: "table" });
  }

  /** Text of a list item; items of one `list`, the outermost that is open, make one block while nothing intervenes. */
  listItem(list: object, depth: number, marker: string, text: string): void {
    const indent = "  ".repeat(Math.min(depth, MAX_INDENT_DEPTH) - 1);
    const item = prefixed(text, indent + " ".repeat(marker.length)).slice(indent.length + marker.length);
    const line = indent + marker + item;
    const last = this.blocks.at(-1);
    if (this.#list === list && last !== undefined) {
      this.#append("\n", line);
      this.blocks[this.blocks.length - 1] = { ...last, end: this.#length };
    } else {
      this.#block(line, { kind: "list" });
      this.#list = list;
    }
  }

  /** Makes a border that no block reaches over: what follows begins a block of its own. */
  border(): Mark {
    this.#list = undefined;
    return { length: this.#length, links: this.#links.length };
  }

  link(text: string, url: string): void {
    if (this.#links.length < MAX_LINKS) this.#links.push({ text, url });
  }

  /** The text, blocks and links of one extent of what was written. */
  excerpt({ start, end }: Extent): { text: string; blocks: Block[]; links: Link[] } {
    const isLater = start.length > 0 && end.length > start.length;
    const shift = isLater ? start.length + BETWEEN_BLOCKS.length : start.length;
    const text = this.#parts.join("").slice(shift, end.length);
    const blocks: Block[] = [];
    for (const block of this.blocks) {
      if (block.start >= start.length && block.end <= end.length) {
        blocks.push({ ...block, start: block.start - shift, end: block.end - shift });
      }
    }
    return { text, blocks, links: this.#links.slice(start.links, end.links) };
  }

  #block(text: string, block: { readonly kind: BlockKind } & Partial<Block>): void {
    this.#append(this.#length === 0 ? "" : BETWEEN_BLOCKS, text);
    this.blocks.push({ ...block, start: this.#length - text.length, end: this.#length });
    this.#list = undefined;
  }

  #append(separator: string, text: string): void {
    this.#parts.push(separator, text);
    this.#length += separator.length + text.length;
  }
}

/** Code between fences that are longer than any run of backticks in it. */
export function fenced(code: string, language: string | undefined): string {
  let longest = 2;
  for (const run of code.match(/`{3,}/g) ?? []) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language ?? ""}\n${code}\n${fence}`;
}

function prefixed(text: string, prefix: string): string {
  return prefix + text.replaceAll("\n", `\n${prefix}`);
}
