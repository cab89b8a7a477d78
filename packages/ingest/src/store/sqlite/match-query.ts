/** More terms than this do not make a question clearer, but slower. */
const MOST_TERMS = 64;

/**
 * Turns what a user typed into a query for FTS5, which would take quotes, `*`, `-`, `AND`… for its own syntax.
 *
 * Only letters, digits and marks are kept, as quoted strings, so that no input is a syntax error. Any term may
 * match (OR); BM25 adds up, so passages with more of them come first. Neighbouring terms are added as
 * phrases: "event loop" prefers the passage that says "event loop" to one with an event here and a loop there.
 *
 * Undefined if there is nothing to look for.
 */
export function toMatchQuery(text: string): string | undefined {
  const terms = (text.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []).slice(0, MOST_TERMS);
  if (terms.length === 0) return undefined;
  const pairs = terms.slice(1).map((term, index) => `${terms[index]} ${term}`);
  const wanted = new Set([...terms, ...pairs].map((phrase) => phrase.toLowerCase()));
  return Array.from(wanted, (phrase) => `"${phrase}"`).join(" OR ");
}
