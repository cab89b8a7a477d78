import { vocabulary, type Word } from "../embed/vocabulary.ts";
import { COMMON_BELOW } from "../embed/word-weights.ts";
import { rawTokens } from "../embed/words.ts";

/** What ends a phrase, beside common words. */
const BORDER = /[^\p{L}\p{M}\p{N}_'’ \t-]+|\s-+\s/u;
const LONGEST_PHRASE = 3;
const LONGEST_WORD = 40;
const LETTER = /\p{L}/u;
/** More different phrases than these are not counted: what a document is about has come up by then. */
const MOST_PHRASES = 20_000;

/** A word as it is written, and the words that it is made of: several for an identifier. */
interface Term {
  readonly raw: string;
  readonly words: readonly Word[];
}

interface Phrase {
  /** As it was written first. */
  readonly text: string;
  readonly words: readonly Word[];
  readonly weight: number;
  readonly inTitle: boolean;
  /** How often it occurs, and the same with headings counted more. */
  occurrences: number;
  count: number;
}

export interface TermSource {
  readonly text: string;
  readonly kind: "title" | "heading" | "prose";
}

const TIMES: Readonly<Record<TermSource["kind"], number>> = { title: 3, heading: 2, prose: 1 };

/**
 * The terms that a text is about, best first, as they are written in it.
 *
 * Candidates are those of RAKE (Rose, Engel, Cramer, Cowley: "Automatic Keyword Extraction from Individual Documents", in
 * "Text Mining: Applications and Theory", Wiley 2010): the runs of words between stop words and punctuation. The common
 * words of technical English are stop words here. RAKE's own score, the sum of degree through frequency of the words,
 * prefers what was said once at length; ours is, as in a tf-idf, the count of the phrase times the static weights of its
 * words. What stands in the title or in a heading counts more. A term occurs twice or in the title; one whose words all
 * stand in a better term is not repeated.
 */
export function keyTerms(sources: Iterable<TermSource>, most: number): string[] {
  const phrases = new Map<string, Phrase>();
  for (const source of sources) {
    for (const run of source.text.split(BORDER)) countPhrases(run, source.kind, phrases);
  }
  const ranked = Array.from(phrases.values())
    .filter(({ occurrences, inTitle }) => occurrences > 1 || inTitle)
    .toSorted((left, right) => score(right) - score(left) || (left.text < right.text ? -1 : 1));
  return best(ranked, most).map(({ text }) => text);
}

function countPhrases(run: string, kind: TermSource["kind"], phrases: Map<string, Phrase>): void {
  let terms: Term[] = [];
  const flush = (): void => {
    // A longer run is no term, but a list or a title without punctuation: its words count alone.
    if (terms.length <= LONGEST_PHRASE) countPhrase(terms, kind, phrases);
    else for (const term of terms) countPhrase([term], kind, phrases);
    terms = [];
  };
  for (const raw of rawTokens(run)) {
    const { words } = vocabulary.read(raw);
    if (isStop(raw, words)) flush();
    else terms.push({ raw, words });
  }
  flush();
}

function isStop(raw: string, words: readonly Word[]): boolean {
  return (
    raw.length < 2 ||
    raw.length > LONGEST_WORD ||
    !LETTER.test(raw) ||
    words.every(({ weight }) => weight < COMMON_BELOW)
  );
}

function countPhrase(terms: readonly Term[], kind: TermSource["kind"], phrases: Map<string, Phrase>): void {
  if (terms.length === 0) return;
  const words = terms.flatMap((term) => term.words);
  const key = terms.map((term) => term.words.map(({ stem }) => stem).join("_")).join(" ");
  let phrase = phrases.get(key);
  if (phrase === undefined) {
    if (phrases.size === MOST_PHRASES) return;
    const weight = words.reduce((sum, word) => sum + word.weight, 0) / Math.sqrt(words.length);
    const text = terms.map(({ raw }) => raw).join(" ");
    phrase = { text, words, weight, inTitle: kind === "title", occurrences: 0, count: 0 };
    phrases.set(key, phrase);
  }
  phrase.occurrences++;
  phrase.count += TIMES[kind];
}

function score({ count, weight }: Phrase): number {
  return count * weight;
}

function best(ranked: readonly Phrase[], most: number): readonly Phrase[] {
  const chosen: Phrase[] = [];
  for (const phrase of ranked) {
    if (chosen.length === most) break;
    const repeated = chosen.some(({ words }) => phrase.words.every((word) => words.includes(word)));
    if (!repeated) chosen.push(phrase);
  }
  return chosen;
}
