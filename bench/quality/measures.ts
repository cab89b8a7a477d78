/** How well the answers of many questions are ranked. */
export interface Measures {
  /** The share of the questions whose answer comes first, and among the first ten. */
  readonly recallAt1: number;
  readonly recallAt10: number;
  /** The mean of 1 / rank; 0 for an answer that was not found. */
  readonly mrr: number;
}

/** `ranks` count from 1; `undefined` is an answer that was not found. */
export function measure(ranks: readonly (number | undefined)[]): Measures {
  const share = (most: number): number =>
    ranks.filter((rank) => rank !== undefined && rank <= most).length / ranks.length;
  const reciprocals = ranks.map((rank) => (rank === undefined ? 0 : 1 / rank));
  return {
    recallAt1: share(1),
    recallAt10: share(10),
    mrr: reciprocals.reduce((sum, value) => sum + value, 0) / ranks.length,
  };
}

/** The rank of a page in a ranking in which pages may come more than once, as those of their passages do. */
export function rankOf<Page>(wanted: Page, ranking: Iterable<Page>): number | undefined {
  const position = [...new Set(ranking)].indexOf(wanted);
  return position === -1 ? undefined : position + 1;
}
