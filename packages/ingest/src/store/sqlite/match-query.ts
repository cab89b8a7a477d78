/** More terms than this do not make a question clearer, but slower. */
const MOST_TERMS = 64;

/**
 * Turns what a user typed into a query for FTS5, which would take quotes, `*`, `-`, `AND`… for its own syntax.
 *
 * Only letters, digits and marks are kept, as quoted strings, so that no input is a syntax error. Any term may
 * match (OR); BM25 adds up, so passages with more of them come first. Common words stay in: BM25 weighs them down by
 * itself, and without them recall fell. Two terms alone are mostly one name, so they are asked for as a phrase too: "event
 * loop" prefers the passage that says "event loop" to one with an event here and a loop there. Longer questions are not
 * cut into phrases, because BM25 would take "how to" for a rare word: on the development half of the known-answer sets
 * in `bench/quality`, phrases took recall@1 of text search from 50 % to 44 %.
 *
 * Undefined if there is nothing to look for.
 */
export function toMatchQuery(text: string): string | undefined {
  const terms = (text.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []).slice(0, MOST_TERMS);
  if (terms.length === 0) return undefined;
  const phrases = terms.length === 2 ? [terms.join(" ")] : [];
  const wanted = new Set([...terms, ...phrases].map((phrase) => phrase.toLowerCase()));
  return Array.from(wanted, (phrase) => `"${phrase}"`).join(" OR ");
}
