import { createHash } from "node:crypto";

/** A page of a corpus, as it will be indexed. */
export interface Page {
  readonly name: string;
  readonly mediaType: string;
  readonly source: string;
}

/** The half that a question belongs to: parameters are chosen on `dev`; `test` only ever gets measured. */
export type Split = "dev" | "test";

/** A question and the name of the one page that answers it. */
export interface Question {
  readonly text: string;
  readonly answer: string;
  readonly split: Split;
}

export interface Corpus {
  readonly name: string;
  readonly pages: readonly Page[];
  readonly questions: readonly Question[];
}

/** A page that says of itself, in one line, what it is for; that line is already gone from `source`. */
export interface DescribedPage extends Page {
  readonly purpose: string | undefined;
}

/** A shorter line is a name, not a question. */
const FEWEST_WORDS = 3;

/**
 * Makes a known-answer set of pages whose authors described them: the description is the question, the page the answer.
 * Wherever a description stands word for word, also on other pages (tables of contents), it is taken out, or finding it
 * would be a search for a literal string. A description that two pages share asks nothing in particular, and is left out.
 */
export function knownAnswers(name: string, described: readonly DescribedPage[]): Corpus {
  const pagesWith = Map.groupBy(described, ({ purpose }) => purpose);
  const purposes = [...pagesWith.keys()].filter((purpose) => purpose !== undefined).filter(isQuestion);
  const anyPurpose = new RegExp(
    purposes
      .toSorted((one, other) => other.length - one.length)
      .map(asPattern)
      .join("|"),
    "gu",
  );
  return {
    name,
    pages: described.map((page) => ({
      name: page.name,
      mediaType: page.mediaType,
      source: page.source.replaceAll(anyPurpose, ""),
    })),
    questions: purposes.flatMap((text) => {
      const [page, ...others] = pagesWith.get(text) ?? [];
      if (page === undefined || others.length > 0) return [];
      return [{ text, answer: page.name, split: splitOf(page.name) }];
    }),
  };
}

/** By a hash of the page's name, so that nobody chose, and the same on every machine. */
function splitOf(page: string): Split {
  return ((createHash("sha256").update(page).digest()[0] ?? 0) & 1) === 0 ? "dev" : "test";
}

function isQuestion(text: string): boolean {
  return text.split(" ").length >= FEWEST_WORDS;
}

/** The words, whatever white space and tags are between them. */
function asPattern(text: string): string {
  return text
    .split(" ")
    .map((word) => RegExp.escape(word))
    .join(String.raw`(?:\s|<[^<>]{1,200}>)+`);
}
