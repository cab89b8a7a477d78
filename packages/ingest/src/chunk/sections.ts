import type { Block, ParsedDocument } from "../model/document.ts";

/** A heading with what follows it up to the next heading of any level; or what stands before the first heading. */
export interface Section {
  /** The titles of the headings above it and its own, outermost first. */
  readonly path: readonly string[];
  /** The section's text reaches from its heading's start to the next heading's. */
  readonly start: number;
  readonly end: number;
  /** Whether it must not share a passage with the section before it. */
  readonly apart: boolean;
  /** Its blocks, the heading first, as a range of indices into the document's. */
  readonly firstBlock: number;
  readonly endBlock: number;
}

/** The sections of a document in order, without a hole between them. */
export function sectionsOf(document: ParsedDocument): Section[] {
  const { blocks, text } = document;
  const sections: Section[] = [];
  const outline = new Outline();
  let path: readonly string[] = [];
  let start = 0;
  let firstBlock = 0;
  let apart = false;
  const close = (end: number, endBlock: number): void => {
    if (end > start) sections.push({ path, start, end, apart, firstBlock, endBlock });
  };
  blocks.forEach((block, i) => {
    if (block.kind !== "heading") return;
    close(block.start, i);
    path = outline.enter(block);
    start = block.start;
    firstBlock = i;
    apart = block.apart === true;
  });
  close(text.length, blocks.length);
  return sections;
}

/** The headings that are open at a place in the document. */
class Outline {
  readonly #open: { readonly level: number; readonly title: string }[] = [];

  /** The path of a section that this heading opens. A heading without words is not in any path. */
  enter(heading: Block): readonly string[] {
    const level = heading.level ?? 1;
    while ((this.#open.at(-1)?.level ?? 0) >= level) this.#open.pop();
    this.#open.push({ level, title: heading.title ?? "" });
    return this.#open.map(({ title }) => title).filter((title) => title !== "");
  }
}
