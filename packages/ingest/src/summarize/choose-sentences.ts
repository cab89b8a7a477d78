import { Tally } from "../embed/tally.ts";
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
  countShares(sentences);
  for (const { words } of choice.given) lower(words);
  const left = candidatesOf(sentences, choice);
  const chosen: Sentence[] = [];
  let room = choice.length;
  while (chosen.length < choice.most) {
    const best = takeBest(left);
    if (best === undefined) break;
    if (best.text.length > room || chosen.some((other) => repeats(best, other))) continue;
    room -= best.text.length + 1;
    chosen.push(best);
    lower(best.words);
  }
  return chosen.toSorted((one, other) => one.position - other.position);
}

/** What a word is worth: its share of the text at hand, lowered once it has been said. */
const shares = new Tally();

function countShares(sentences: readonly Sentence[]): void {
  shares.clear();
  let total = 0;
  for (const { words } of sentences) {
    for (const word of words) shares.add(word, 1);
    total += words.length;
  }
  // Cubed, the damped weights are again nearly those of an inverse document frequency.
  for (const word of shares.words) shares.set(word, (shares.of(word) / total) * word.weight ** 3);
}

function lower(words: readonly Word[]): void {
  for (const word of new Set(words)) if (shares.of(word) !== 0) shares.set(word, shares.of(word) ** 2);
}

interface Candidate {
  readonly sentence: Sentence;
  /** What does not change while sentences are chosen: location times title. */
  readonly factor: number;
}

function candidatesOf(sentences: readonly Sentence[], { title, given }: Choice): Candidate[] {
  const candidates: Candidate[] = [];
  for (const sentence of sentences) {
    if (given.some((other) => repeats(sentence, other))) continue;
    const { words, position } = sentence;
    const location = 1 + 1 / (1 + position / 3);
    const shared = title.filter((word) => words.includes(word)).length / Math.max(title.length, 1);
    candidates.push({ sentence, factor: location * (1 + TITLE * shared) });
  }
  return candidates;
}

function takeBest(candidates: Candidate[]): Sentence | undefined {
  let best = -1;
  let bestScore = -1;
  for (const [index, candidate] of candidates.entries()) {
    const score = scoreOf(candidate);
    if (score > bestScore) {
      best = index;
      bestScore = score;
    }
  }
  return best === -1 ? undefined : candidates.splice(best, 1)[0]?.sentence;
}

function scoreOf({ sentence: { words }, factor }: Candidate): number {
  let sum = 0;
  for (const word of words) sum += shares.of(word);
  return (sum / Math.max(words.length, FULL_SENTENCE)) * factor;
}

function repeats(sentence: Sentence, other: Sentence): boolean {
  const own = new Set(sentence.words);
  const others = new Set(other.words);
  return own.intersection(others).size > SAME * Math.min(own.size, others.size);
}
