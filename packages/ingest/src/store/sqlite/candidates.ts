/** A chunk that may be an answer; a higher score is better. */
export interface Candidate {
  readonly chunk: number;
  readonly score: number;
}

/**
 * The best `count` candidates *and all that tie with the last of them*, so that the caller can break ties by what
 * the user sees (source and position) and not by row numbers, which depend on the order of saving.
 *
 * `fetch(limit)` answers at most `limit` candidates, best first, and is asked for more until one of them is clearly
 * worse (by more than `noise`) than the last that counts. Answers undefined if that takes more than `most`.
 */
export function bestWithTies(
  count: number,
  fetch: (limit: number) => readonly Candidate[],
  bounds: { readonly noise: number; readonly most: number },
): readonly Candidate[] | undefined {
  for (let limit = count + 8; limit <= bounds.most; limit = nextLimit(limit, bounds.most)) {
    const found = fetch(limit);
    const last = found[count - 1];
    const worst = found.at(-1);
    if (last === undefined || worst === undefined || found.length < limit) return found;
    if (last.score - worst.score > bounds.noise) return found;
  }
  return undefined;
}

/** The best `count` candidates and all that tie with the last of them, best first. */
export function cutAfterTies(candidates: readonly Candidate[], count: number): readonly Candidate[] {
  const ordered = candidates.toSorted((left, right) => right.score - left.score);
  const last = ordered[count - 1];
  return last === undefined ? ordered : ordered.filter(({ score }) => score >= last.score);
}

function nextLimit(limit: number, most: number): number {
  return limit < most ? Math.min(limit * 4, most) : Number.POSITIVE_INFINITY;
}
