import { wordWeight } from "../embed/word-weights.ts";

export interface Sentence {
  readonly text: string;
  /** Its place among the document's sentences, from 0. */
  readonly position: number;
  readonly stems: readonly string[];
}

export interface Choice {
  /** The stems of the document's title. */
  readonly title: readonly string[];
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
  for (const { stems } of choice.given) lower(shares, stems);
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
    lower(shares, best.stems);
  }
  return chosen.toSorted((one, other) => one.position - other.position);
}

function wordShares(sentences: readonly Sentence[]): Map<string, number> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { stems } of sentences) {
    for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
    total += stems.length;
  }
  // Cubed, the damped weights are again nearly those of an inverse document frequency.
  return new Map(Array.from(counts, ([stem, count]) => [stem, (count / total) * wordWeight(stem) ** 3]));
}

function lower(shares: Map<string, number>, stems: readonly string[]): void {
  for (const stem of new Set(stems)) shares.set(stem, (shares.get(stem) ?? 0) ** 2);
}

function bestOf(
  sentences: Iterable<Sentence>,
  shares: ReadonlyMap<string, number>,
  title: readonly string[],
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

function scoreOf({ stems, position }: Sentence, shares: ReadonlyMap<string, number>, title: readonly string[]): number {
  let sum = 0;
  for (const stem of stems) sum += shares.get(stem) ?? 0;
  const mean = sum / Math.max(stems.length, FULL_SENTENCE);
  const location = 1 + 1 / (1 + position / 3);
  const shared = title.filter((stem) => stems.includes(stem)).length / Math.max(title.length, 1);
  return mean * location * (1 + TITLE * shared);
}

function repeats(sentence: Sentence, others: readonly Sentence[]): boolean {
  const own = new Set(sentence.stems);
  return others.some(({ stems }) => {
    const other = new Set(stems);
    return own.intersection(other).size > SAME * Math.min(own.size, other.size);
  });
}
