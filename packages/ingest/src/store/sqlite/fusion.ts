/** Damps the advantage of the very first ranks; the value of the paper. */
const K = 60;

/**
 * Reciprocal rank fusion: an item's score is the sum, over the rankings that hold it, of 1 / (60 + rank), with ranks
 * from 1. Needs no comparable scores, which BM25 and cosine similarity are not.
 *
 * Cormack, Clarke, Büttcher: "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
 * SIGIR 2009.
 */
export function fuse<T>(rankings: readonly (readonly T[])[]): ReadonlyMap<T, number> {
  const scores = new Map<T, number>();
  for (const ranking of rankings) {
    for (const [index, item] of ranking.entries()) scores.set(item, (scores.get(item) ?? 0) + 1 / (K + index + 1));
  }
  return scores;
}
