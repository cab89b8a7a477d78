import { kindAt, MARK } from "../embed/character-kinds.ts";
import { TokenScanner } from "../embed/token-scanner.ts";
import { vocabulary, type Reading, type Word } from "../embed/vocabulary.ts";

const LONGEST_PHRASE = 3;
const LONGEST_WORD = 40;
/** More different phrases than these are not counted: what a document is about has come up by then. */
const MOST_PHRASES = 20_000;

/** A phrase that occurs, as it was written first. */
interface Phrase {
  readonly readings: readonly Reading[];
  readonly inTitle: boolean;
  /** How often it occurs, and the same with headings counted more. */
  occurrences: number;
  count: number;
}

/** A phrase that may be a term. */
interface Candidate {
  readonly text: string;
  readonly words: readonly Word[];
  readonly score: number;
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
  const counter = new PhraseCounter();
  for (const { text, kind } of sources) counter.read(text, kind);
  const candidates: Candidate[] = [];
  for (const phrase of counter.phrases.values()) {
    if (phrase.occurrences > 1 || phrase.inTitle) candidates.push(candidateOf(phrase));
  }
  candidates.sort((left, right) => right.score - left.score || (left.text < right.text ? -1 : 1));
  return best(candidates, most).map(({ text }) => text);
}

function candidateOf({ readings, count }: Phrase): Candidate {
  const words = readings.flatMap((reading) => reading.words);
  const weight = words.reduce((sum, word) => sum + word.weight, 0) / Math.sqrt(words.length);
  return { text: readings.map(({ raw }) => raw).join(" "), words, score: count * weight };
}

class PhraseCounter {
  readonly phrases = new Map<string, Phrase>();
  /** The run of words that the phrase being read consists of so far. */
  readonly #run: Reading[] = [];

  read(text: string, kind: TermSource["kind"]): void {
    const tokens = new TokenScanner(text);
    let end = 0;
    while (tokens.next()) {
      if (endsPhrase(text, end, tokens.start)) this.#flush(kind);
      end = tokens.end;
      const length = end - tokens.start;
      const reading = length < 2 || length > LONGEST_WORD ? undefined : vocabulary.read(tokens);
      if (reading?.telling === true) this.#run.push(reading);
      else this.#flush(kind);
    }
    this.#flush(kind);
  }

  #flush(kind: TermSource["kind"]): void {
    const run = this.#run;
    if (run.length === 0) return;
    // A longer run is no term, but a list or a title without punctuation: its words count alone.
    if (run.length <= LONGEST_PHRASE) this.#count(run, kind);
    else for (const reading of run) this.#count([reading], kind);
    run.length = 0;
  }

  #count(run: readonly Reading[], kind: TermSource["kind"]): void {
    const key = keyOf(run);
    let phrase = this.phrases.get(key);
    if (phrase === undefined) {
      if (this.phrases.size === MOST_PHRASES) return;
      phrase = { readings: run.slice(), inTitle: kind === "title", occurrences: 0, count: 0 };
      this.phrases.set(key, phrase);
    }
    phrase.occurrences++;
    phrase.count += TIMES[kind];
  }
}

function keyOf(run: readonly Reading[]): string {
  let key = run[0]?.key ?? "";
  for (let index = 1; index < run.length; index++) key += ` ${run[index]?.key ?? ""}`;
  return key;
}

const TAB = 9;
const BLANK = 32;
const APOSTROPHE = 39;
const HYPHEN = 45;
const CURLY_APOSTROPHE = 0x2019;

/**
 * Whether what stands between two tokens parts phrases: anything but blanks, apostrophes, marks, and hyphens that are no
 * dash (one with a blank on either side).
 */
function endsPhrase(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === BLANK || code === TAB || code === APOSTROPHE || code === CURLY_APOSTROPHE) continue;
    if (code === HYPHEN ? isDash(text, at) : (kindAt(text, at) & MARK) === 0) return true;
  }
  return false;
}

/** Whether the run of hyphens that ends at `at` stands between blanks. */
function isDash(text: string, at: number): boolean {
  if (!isBlank(text.charCodeAt(at + 1))) return false;
  let before = at;
  while (text.charCodeAt(before) === HYPHEN) before--;
  return isBlank(text.charCodeAt(before));
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB;
}

function best(ranked: readonly Candidate[], most: number): readonly Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of ranked) {
    if (chosen.length === most) break;
    const repeated = chosen.some(({ words }) => candidate.words.every((word) => words.includes(word)));
    if (!repeated) chosen.push(candidate);
  }
  return chosen;
}
