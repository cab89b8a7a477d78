/** A piece of code in a text, and the line on which it begins, counted from 0. */
export interface Block {
  readonly code: string;
  readonly line: number;
}

/** What drawings consist of, and code does not. */
const drawn = /[─-▟▲▶▼◀◁▷]/u;

/** The code in a doc comment: its indented blocks, as Markdown has them, except for drawings. */
export function indentedBlocks(comment: string): Block[] {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const blocks: Block[] = [];
  let line = 0;
  while (line < lines.length) {
    const start = line;
    const inside = (at: number): boolean =>
      /^ {4}/.test(lines[at] ?? "") || (lines[at] === "" && at + 1 < lines.length);
    while (line < lines.length && inside(line)) line += 1;
    const block = lines.slice(start, line);
    const code = block.map((text) => text.slice(4)).join("\n");
    const first = block.findIndex((text) => text !== "");
    if (first !== -1 && (lines[start] === "" || start === 0) && !drawn.test(code)) {
      blocks.push({ code: code.trim(), line: start + first });
    }
    if (line === start) line += 1;
  }
  return blocks;
}

/** The code in a Markdown page: its blocks of TypeScript that are not said to be a file. */
export function fencedBlocks(page: string): Block[] {
  const blocks: Block[] = [];
  for (const match of page.matchAll(/(<!-- file: \S+ -->\n)?```ts\n([\s\S]*?)```/gu)) {
    const [whole, isFile, code = ""] = match;
    if (isFile !== undefined) continue;
    const before = page.slice(0, match.index + whole.indexOf("```ts\n"));
    blocks.push({ code: code.trimEnd(), line: before.split("\n").length });
  }
  return blocks;
}
