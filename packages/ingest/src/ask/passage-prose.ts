import type { BlockKind } from "../model/document.ts";
import { parseMarkdown } from "../parse/markdown.ts";

const PROSE: ReadonlySet<BlockKind> = new Set(["paragraph", "quote", "list"]);

/** A fence with nothing but white space behind it: it closes, where one that opens mostly names its language. */
const BARE_FENCE = /^[ \t]*(?:`{3,}|~{3,})[ \t]*$/mu;
const FENCE = /^[ \t]*(?:`{3,}|~{3,})/gmu;
const NESTED_CODE = /^[ \t>]*(`{3,}|~{3,}).*?(?:^[ \t>]*\1[^\n]*$|(?![^]))/gmsu;

/** Where one item of a list, or one paragraph of a quote or an item, ends and the next begins. */
const PARTS = /\n[ \t>]*\n|\n(?=[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t])/u;

/** A line of front matter or of a list of settings. */
const SETTING = /^[ \t]*(?:[\w.-]+:(?:[ \t]|$)|-[ \t]|---|\.\.\.)/u;

/**
 * The paragraphs, quotes and list items of a passage, as they stand there. Not front matter (also where the passage holds
 * only a part of it), headings, code (also where the passage begins inside of it), tables, HTML, JSX and the statements
 * of MDX. The passage is read as MDX, whatever its document was: what would be JSX there is no prose anywhere.
 */
export function passageProse(passage: string): string[] {
  const text = withoutEndOfCode(passage);
  const parts: string[] = [];
  for (const { kind, start, end } of parseMarkdown(text, { mdx: true }).blocks) {
    if (!PROSE.has(kind)) continue;
    const block = text.slice(start, end);
    if (kind === "paragraph") {
      if (!isIndented(text.slice(text.lastIndexOf("\n", start - 1) + 1, end))) parts.push(block);
    } else for (const part of block.replaceAll(NESTED_CODE, "").split(PARTS)) parts.push(part);
  }
  return parts.filter((part) => !isSettings(part));
}

/** Every line stands in by four columns: code, except in MDX, and there it is no prose either. */
function isIndented(block: string): boolean {
  return block.split("\n").every((line) => /^(?: {4}| {0,3}\t)|^\s*$/u.test(line));
}

/** A long block of code goes on in the next passage, which then begins with code and a fence that closes it. */
function withoutEndOfCode(passage: string): string {
  const fences = passage.match(FENCE)?.length ?? 0;
  const first = BARE_FENCE.exec(passage);
  const closes = fences % 2 === 1 && first !== null && passage.search(FENCE) === first.index;
  return closes ? passage.slice(first.index + first[0].length) : passage;
}

/** Several lines, each of which sets something: front matter that is not at the head of its passage, or not all of it. */
function isSettings(part: string): boolean {
  const lines = part.split("\n");
  return lines.length > 1 && /^[ \t]*[\w.-]+:[ \t]/mu.test(part) && lines.every((line) => SETTING.test(line));
}
