/**
 * MDX mixes JSX and JavaScript into Markdown. A Markdown parser takes what is not also HTML (attributes in braces, tags
 * over several lines, `import` lines) for paragraphs; these functions say which paragraphs are none.
 */

const MODULE_STATEMENT = /^(?:import|export)[ \t{*"']/;

/** Whether an MDX paragraph is an ES module statement: `import`/`export` at the very start of the line. */
export function isModuleStatement(paragraph: string): boolean {
  return MODULE_STATEMENT.test(paragraph);
}

/**
 * Whether an MDX paragraph consists of JSX tags and `{expressions}` alone, without a word of prose between them. One
 * pass over the text; an unclosed tag or brace makes it prose, which loses nothing.
 */
export function isJsxOnly(paragraph: string): boolean {
  let at = 0;
  while (at < paragraph.length) {
    const char = paragraph[at];
    if (char === "<") at = endOf(paragraph, at, ">");
    else if (char === "{") at = endOf(paragraph, at, "}");
    else if (char === undefined || char.trim() !== "") return false;
    else at++;
    if (at === -1) return false;
  }
  return true;
}

/** The offset behind the construct that opens at `start`, stepping over strings and braces; -1 if it never closes. */
function endOf(text: string, start: number, closer: ">" | "}"): number {
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === closer && depth === 0) return at + 1;
    if (char === "{") depth++;
    else if (char === "}") depth--;
    else if (char === '"' || char === "'" || char === "`") {
      at = text.indexOf(char, at + 1);
      if (at === -1) return -1;
    }
  }
  return -1;
}
