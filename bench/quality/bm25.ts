const K1 = 1.2;
const B = 0.75;

interface Posting {
  readonly page: number;
  readonly count: number;
}

/**
 * The baseline: BM25 as it stands in textbooks (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
 * Beyond", 2009), k1 = 1.2, b = 0.75, over whole pages; words are runs of letters and digits in lower case, unstemmed.
 */
export class Bm25 {
  readonly #postings = new Map<string, Posting[]>();
  readonly #lengths: number[] = [];

  constructor(texts: readonly string[]) {
    for (const [page, text] of texts.entries()) this.#add(page, wordsOf(text));
  }

  /** The pages that have a word of the question, as indices, best first. */
  search(question: string): number[] {
    const pages = this.#lengths.length;
    const meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / pages;
    const scores = new Map<number, number>();
    for (const word of new Set(wordsOf(question))) {
      const postings = this.#postings.get(word) ?? [];
      const idf = Math.log(1 + (pages - postings.length + 0.5) / (postings.length + 0.5));
      for (const { page, count } of postings) {
        const norm = K1 * (1 - B + (B * (this.#lengths[page] ?? 0)) / meanLength);
        scores.set(page, (scores.get(page) ?? 0) + (idf * count * (K1 + 1)) / (count + norm));
      }
    }
    return [...scores].toSorted((one, other) => other[1] - one[1] || one[0] - other[0]).map(([page]) => page);
  }

  #add(page: number, words: readonly string[]): void {
    this.#lengths.push(words.length);
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const [word, count] of counts) {
      const postings = this.#postings.get(word);
      if (postings === undefined) this.#postings.set(word, [{ page, count }]);
      else postings.push({ page, count });
    }
  }
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
