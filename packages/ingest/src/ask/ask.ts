import type { Embedder, SearchFilter, SearchHit, SearchMode, Store } from "../model/interfaces.ts";
import { search } from "../search.ts";
import { bestSentences } from "./best-sentences.ts";

/** Options of {@link ask}. */
export interface AskOptions {
  /** How many passages are read for the answer. From 1 on; default: 6. */
  readonly k?: number;
  readonly mode?: SearchMode;
  readonly filter?: SearchFilter;
  readonly embedder?: Embedder;
}

/** A passage that an answer draws on; answers refer to it by its number. */
export interface AnswerSource extends SearchHit {
  /** From 1 on, in the order of their appearance in the answer. */
  readonly number: number;
}

/** The answer to a question. */
export interface Answer {
  readonly question: string;
  /** `extractive`: the documents' own sentences, chosen without a model. */
  readonly kind: "extractive";
  /** Sentences, each followed by the number of its source in brackets. Empty when nothing fits. */
  readonly text: string;
  readonly sources: readonly AnswerSource[];
}

/**
 * Answers a question from a store with the sentences of the best passages that fit it best, word for word, each with
 * the number of its source. It uses no model: it neither rephrases nor concludes.
 */
export async function ask(store: Store, question: string, options: AskOptions = {}): Promise<Answer> {
  const hits = await search(store, question, { ...options, k: options.k ?? 6 });
  const sentences = bestSentences(question, hits);
  const numbers = new Map<SearchHit, number>();
  const parts = sentences.map(({ text, hit }) => {
    const number = numbers.get(hit) ?? numbers.size + 1;
    numbers.set(hit, number);
    return `${text} [${number}]`;
  });
  const sources = [...numbers].map(([hit, number]) => ({ number, ...hit }));
  return { question, kind: "extractive", text: parts.join(" "), sources };
}
