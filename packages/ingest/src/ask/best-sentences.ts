import { type Word, vocabulary } from "../embed/vocabulary.ts";
import { isMostlyWords } from "../extract/mostly-words.ts";
import { plainText } from "../extract/plain-text.ts";
import type { SearchHit } from "../model/interfaces.ts";
import { passageProse } from "./passage-prose.ts";

/** A sentence of a passage. */
export interface FoundSentence {
  readonly text: string;
  readonly hit: SearchHit;
}

interface Candidate extends FoundSentence {
  readonly words: ReadonlySet<Word>;
  readonly score: number;
}

const most = 3;
const fewestWords = 4;
const longest = 400;
/** Two sentences that share more of their words than this say the same. */
const same = 0.6;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * The sentences that share most with the question: each word that both have counts by how much it says in general,
 * once, and a sentence of a better passage counts more (1 for the first passage, 1/2 for the second…, added as a
 * quarter of the whole). Sentences without a word of the question, what is no prose (see `passage-prose.ts`) and
 * near-repetitions are left out. Best first.
 */
export function bestSentences(question: string, hits: readonly SearchHit[]): FoundSentence[] {
  vocabulary.trim();
  const wanted = new Set(vocabulary.words(question));
  const total = weightOf(wanted);
  if (total === 0) return [];
  const candidates = hits.flatMap((hit, rank) => candidatesOf(hit, rank, wanted, total));
  candidates.sort((one, other) => other.score - one.score);
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    if (chosen.length === most) break;
    if (!chosen.some((other) => overlap(candidate.words, other.words) > same)) chosen.push(candidate);
  }
  return chosen.map(({ text, hit }) => ({ text, hit }));
}

function candidatesOf(hit: SearchHit, rank: number, wanted: ReadonlySet<Word>, total: number): Candidate[] {
  const candidates: Candidate[] = [];
  for (const paragraph of passageProse(hit.text)) {
    for (const { segment } of segmenter.segment(plainText(paragraph))) {
      const text = segment.trim();
      const words = new Set(vocabulary.words(text));
      if (text.length > longest || words.size < fewestWords || !isMostlyWords(text)) continue;
      const shared = weightOf(wanted.intersection(words));
      if (shared > 0) candidates.push({ text, hit, words, score: shared / total + 0.25 / (rank + 1) });
    }
  }
  return candidates;
}

function weightOf(words: ReadonlySet<Word>): number {
  let weight = 0;
  for (const word of words) weight += word.weight;
  return weight;
}

function overlap(one: ReadonlySet<Word>, other: ReadonlySet<Word>): number {
  return one.intersection(other).size / Math.min(one.size, other.size);
}
