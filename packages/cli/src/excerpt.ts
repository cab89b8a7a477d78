/** The lines of a passage that share most words with the query, in order, each cut to a width. */
export function excerpt(
  text: string,
  query: string,
  { width, lines: most }: { readonly width: number; readonly lines: number },
): string[] {
  const wanted = new Set(wordsOf(query));
  const lines = text
    .split("\n")
    .map((line, index) => ({ line: line.trim(), index }))
    .filter(({ line }) => line !== "")
    .map(({ line, index }) => {
      const { shown, score } = cutAround(line, wanted, width);
      return { shown, score, index };
    });
  const best = lines.toSorted((one, other) => other.score - one.score || one.index - other.index).slice(0, most);
  return best.toSorted((one, other) => one.index - other.index).map(({ shown }) => shown);
}

function cutAround(
  line: string,
  wanted: ReadonlySet<string>,
  width: number,
): { readonly shown: string; readonly score: number } {
  const found = wordsOf(line).filter((word) => wanted.has(word));
  const score = new Set(found).size;
  if (line.length <= width) return { shown: line, score };
  const first = found[0] === undefined ? 0 : line.toLowerCase().indexOf(found[0]);
  const start = Math.max(0, Math.min(first - Math.floor(width / 3), line.length - width));
  const cut = line.slice(start, start + width);
  return { shown: `${start > 0 ? "…" : ""}${cut}${start + width < line.length ? "…" : ""}`, score };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
}
