import { vocabulary } from "../embed/vocabulary.ts";
import { isMostlyWords } from "../extract/mostly-words.ts";
import { plainText, proseBlocks } from "../extract/plain-text.ts";
import type { BlockKind, ParsedDocument } from "../model/document.ts";
import type { Summarizer } from "../model/interfaces.ts";
import { chooseSentences, type Sentence } from "./choose-sentences.ts";

/** How much is read: a document says at its beginning what it is about, and a book has no summary of three sentences. */
const MOST_PROSE = 12_000;
const MOST_SENTENCES = 200;

const SENTENCES = 3;
const LONGEST_SUMMARY = 700;
const LONGEST_SENTENCE = 400;
const FEWEST_WORDS = 4;

const PARAGRAPHS: ReadonlySet<BlockKind> = new Set(["paragraph"]);
const ANYTHING: ReadonlySet<BlockKind> = new Set(["paragraph", "quote", "list", "table", "html", "code"]);

const SENTENCE_END = /[.!?…。]["'”’)\]]*$/u;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * Two to four of the document's own sentences, in the order in which they stand there, at most 700 characters. Nothing is
 * rephrased; only markup is taken out. A description in the front matter or the page's metadata comes first, because its
 * author wrote it for that purpose. See `choose-sentences.ts` for the choice. The first 12,000 characters of paragraphs
 * are read; code, tables and lists are not, unless there is nothing else. A document without any words has the empty
 * summary.
 */
export function summarizeExtractively(document: ParsedDocument): string {
  vocabulary.trim();
  const description = descriptionOf(document);
  const sentences = sentencesOf(document);
  const given = description === undefined ? [] : [sentence(description, 0)];
  const chosen = chooseSentences(sentences, {
    title: vocabulary.words(document.title ?? ""),
    given,
    most: SENTENCES - given.length,
    length: LONGEST_SUMMARY - (description?.length ?? 0),
  });
  const summary = [...given, ...chosen].map(({ text }) => text).join(" ");
  return summary === "" ? opening(document) : summary;
}

/** The summarizer that needs no model. It works in the calling thread. */
export function extractiveSummarizer(): Summarizer {
  return {
    fingerprint: "extractive v2",
    summarize: (document) => Promise.resolve(summarizeExtractively(document)),
  };
}

function descriptionOf({ metadata }: ParsedDocument): string | undefined {
  for (const name of ["description", "summary", "og:description"]) {
    const value = metadata[name];
    if (typeof value !== "string") continue;
    const text = plainText(value.slice(0, 4 * LONGEST_SENTENCE));
    if (text !== "") return /[.!?…。]$/u.test(text) ? cut(text) : `${cut(text)}.`;
  }
  return undefined;
}

function sentencesOf(document: ParsedDocument): Sentence[] {
  const sentences: Sentence[] = [];
  for (const { markdown } of proseBlocks(document, PARAGRAPHS, MOST_PROSE)) {
    for (const { segment } of segmenter.segment(plainText(markdown))) {
      if (sentences.length === MOST_SENTENCES) return sentences;
      const text = segment.trim();
      if (!readsAsSentence(text)) continue;
      const candidate = sentence(text, sentences.length);
      if (candidate.words.length >= FEWEST_WORDS) sentences.push(candidate);
    }
  }
  return sentences;
}

function sentence(text: string, position: number): Sentence {
  return { text, position, words: vocabulary.words(text) };
}

/** Whether it can stand alone: not a label, not the announcement of a list, not mostly signs. */
function readsAsSentence(text: string): boolean {
  return text.length <= LONGEST_SENTENCE && SENTENCE_END.test(text) && isMostlyWords(text);
}

/** For a document without a whole sentence: how its text begins, or its title. */
function opening(document: ParsedDocument): string {
  for (const { markdown } of proseBlocks(document, ANYTHING, MOST_PROSE)) {
    const text = plainText(markdown);
    if (vocabulary.words(text).length > 0) return cut(text);
  }
  return cut(document.title ?? "");
}

/** Cut at a space, so that no word and no character is cut in two. */
function cut(text: string): string {
  if (text.length <= LONGEST_SENTENCE) return text;
  const head = text.slice(0, LONGEST_SENTENCE);
  const space = head.lastIndexOf(" ");
  return `${space > 0 ? head.slice(0, space) : head.slice(0, -1).toWellFormed()}…`;
}
