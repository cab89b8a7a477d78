import type { Word } from "../embed/vocabulary.ts";

export interface Sentence {
  readonly text: string;
  /** Its place among the document's sentences, from 0. */
  readonly position: number;
  readonly words: readonly Word[];
}

export interface Choice {
  /** The words of the document's title. */
  readonly title: readonly Word[];
  /** Sentences that stand in the summary already: what they say need not be said again. */
  readonly given: readonly Sentence[];
  /** How many to choose. */
  readonly most: number;
  /** How many characters they may have together. */
  readonly length: number;
}

/** A shorter sentence is scored as if it had this many words, or the shortest would win. */
const FULL_SENTENCE = 10;
const TITLE = 0.5;
/** Two sentences that share more of their words than this say the same. */
const SAME = 0.6;

/**
 * Chooses the sentences that say most of what the text says, and returns them in the order of the text.
 *
 * The frame is SumBasic (Nenkova and Vanderwende, "The Impact of Frequency on Summarization", MSR-TR-2005-101): the
 * probability of a word is its share of the text; a sentence scores the mean of its words; the best is taken, the
 * probabilities of its words are squared, so that what has been said is worth less, and so on. Three changes: the
 * shares are weighted by how much a word says in general (`word-weights.ts`) where SumBasic drops stop words; and, after
 * Edmundson ("New Methods in Automatic Extracting", JACM 16, 1969), the score is multiplied by
 *
 *     location   1 + 1 / (1 + position / 3)           the beginning says what the rest is about
 *     title      1 + TITLE × the share of the title's words that the sentence has
 */
export function chooseSentences(sentences: readonly Sentence[], choice: Choice): Sentence[] {
  const shares = wordShares(sentences);
  for (const { words } of choice.given) lower(shares, words);
  const chosen: Sentence[] = [];
  const left = new Set(sentences.filter((sentence) => !repeats(sentence, choice.given)));
  let room = choice.length;
  while (chosen.length < choice.most) {
    const best = bestOf(left, shares, choice.title);
    if (best === undefined) break;
    left.delete(best);
    if (best.text.length > room || repeats(best, chosen)) continue;
    room -= best.text.length + 1;
    chosen.push(best);
    lower(shares, best.words);
  }
  return chosen.toSorted((one, other) => one.position - other.position);
}

function wordShares(sentences: readonly Sentence[]): Map<Word, number> {
  const counts = new Map<Word, number>();
  let total = 0;
  for (const { words } of sentences) {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    total += words.length;
  }
  // Cubed, the damped weights are again nearly those of an inverse document frequency.
  return new Map(Array.from(counts, ([word, count]) => [word, (count / total) * word.weight ** 3]));
}

function lower(shares: Map<Word, number>, words: readonly Word[]): void {
  for (const word of new Set(words)) shares.set(word, (shares.get(word) ?? 0) ** 2);
}

function bestOf(
  sentences: Iterable<Sentence>,
  shares: ReadonlyMap<Word, number>,
  title: readonly Word[],
): Sentence | undefined {
  let best: Sentence | undefined;
  let bestScore = -1;
  for (const sentence of sentences) {
    const score = scoreOf(sentence, shares, title);
    if (score > bestScore) {
      best = sentence;
      bestScore = score;
    }
  }
  return best;
}

function scoreOf({ words, position }: Sentence, shares: ReadonlyMap<Word, number>, title: readonly Word[]): number {
  let sum = 0;
  for (const word of words) sum += shares.get(word) ?? 0;
  const mean = sum / Math.max(words.length, FULL_SENTENCE);
  const location = 1 + 1 / (1 + position / 3);
  const shared = title.filter((word) => words.includes(word)).length / Math.max(title.length, 1);
  return mean * location * (1 + TITLE * shared);
}

function repeats(sentence: Sentence, others: readonly Sentence[]): boolean {
  const own = new Set(sentence.words);
  return others.some(({ words }) => {
    const other = new Set(words);
    return own.intersection(other).size > SAME * Math.min(own.size, other.size);
  });
}
