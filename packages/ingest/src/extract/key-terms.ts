import { lightStem } from "../embed/light-stem.ts";
import { isCommonWord, wordWeight } from "../embed/word-weights.ts";
import { rawTokens, tokenWords } from "../embed/words.ts";

/** What ends a phrase, beside common words. */
const BORDER = /[^\p{L}\p{M}\p{N}_'’ \t-]+|\s-+\s/u;
const LONGEST_PHRASE = 3;
/** More different phrases than these are not counted: what a document is about has come up by then. */
const MOST_PHRASES = 20_000;

interface Phrase {
  /** As it was written first. */
  readonly text: string;
  readonly stems: readonly string[];
  readonly weight: number;
  count: number;
}

/**
 * The terms that a text is about, best first, as they are written in it.
 *
 * Candidates are those of RAKE (Rose, Engel, Cramer, Cowley: "Automatic Keyword Extraction from Individual Documents", in
 * "Text Mining: Applications and Theory", Wiley 2010): the runs of words between stop words and punctuation. Common
 * words of technical English are stop words here. RAKE's own score, the sum of degree through frequency of
 * the words, prefers what was said once at length; ours is, as in a tf-idf, the count of the phrase times the static
 * weights of its words. `important` texts (titles, headings) count three times. A word that stands only inside one
 * better phrase is not repeated.
 */
export function keyTerms(
  texts: Iterable<{ readonly text: string; readonly important: boolean }>,
  most: number,
): string[] {
  const phrases = new Map<string, Phrase>();
  for (const { text, important } of texts) {
    for (const run of text.split(BORDER)) countPhrases(run, important ? 3 : 1, phrases);
  }
  const ranked = Array.from(phrases.values())
    .filter(({ count }) => count > 1)
    .toSorted((left, right) => score(right) - score(left) || (left.text < right.text ? -1 : 1));
  return best(ranked, most).map(({ text }) => text);
}

function countPhrases(run: string, times: number, phrases: Map<string, Phrase>): void {
  let words: string[] = [];
  for (const raw of [...rawTokens(run), ""]) {
    if (raw !== "" && !isStop(raw)) {
      words.push(raw);
      continue;
    }
    // A longer run is no term, but a list or a title without punctuation: its words count alone.
    const parts = words.length <= LONGEST_PHRASE ? [words] : words.map((word) => [word]);
    for (const part of parts) countPhrase(part, times, phrases);
    words = [];
  }
}

function isStop(raw: string): boolean {
  return (
    raw.length < 2 ||
    !/\p{L}/u.test(raw) ||
    raw.length > 40 ||
    tokenWords(raw).every((word) => isCommonWord(lightStem(word)))
  );
}

function countPhrase(words: readonly string[], times: number, phrases: Map<string, Phrase>): void {
  if (words.length === 0) return;
  const stems = words.map((word) => lightStem(tokenWords(word).join("_")));
  const key = stems.join(" ");
  const known = phrases.get(key);
  if (known !== undefined) known.count += times;
  else if (phrases.size < MOST_PHRASES) {
    const weight = stems.reduce((sum, stem) => sum + wordWeight(stem), 0) / Math.sqrt(stems.length);
    phrases.set(key, { text: words.join(" "), stems, weight, count: times });
  }
}

function score({ count, weight }: Phrase): number {
  return count * weight;
}

function best(ranked: readonly Phrase[], most: number): readonly Phrase[] {
  const chosen: Phrase[] = [];
  for (const phrase of ranked) {
    if (chosen.length === most) break;
    const repeated = chosen.some(({ stems }) => phrase.stems.every((stem) => stems.includes(stem)));
    if (!repeated) chosen.push(phrase);
  }
  return chosen;
}
