/**
 * The passages that an answer names, in ascending order: `[2]`, `[1][3]`, `[1, 3]`. Numbers that no passage has are left
 * out; models make some up.
 */
export function citedNumbers(text: string, passages: number): readonly number[] {
  const cited = new Set<number>();
  for (const [, list = ""] of text.matchAll(/\[(\d+(?:\s*[,;]\s*\d+)*)\]/gu)) {
    for (const number of list.split(/[,;]/u).map(Number)) if (number >= 1 && number <= passages) cited.add(number);
  }
  return [...cited].toSorted((a, b) => a - b);
}
