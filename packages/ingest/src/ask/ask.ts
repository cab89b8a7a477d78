import type { Embedder, SearchFilter, SearchHit, SearchMode, Store } from "../model/interfaces.ts";
import type { Answerer } from "../models/chat-answerer.ts";
import { search } from "../search.ts";
import { bestSentences } from "./best-sentences.ts";
import { citedNumbers } from "./cited-numbers.ts";

/** Options of {@link ask}. */
export interface AskOptions {
  /** How many passages are read for the answer. From 1 on; default: 6. */
  readonly k?: number;
  readonly mode?: SearchMode;
  readonly filter?: SearchFilter;
  readonly embedder?: Embedder;
  /** Writes the answer. Default: none; the best sentences are the answer. */
  readonly answerer?: Answerer;
  /** Called with each piece of the answer as it is written. What it throws ends the writing. */
  readonly onText?: (piece: string) => void;
}

/** A passage that an answer draws on; answers refer to it by its number. */
export interface AnswerSource extends SearchHit {
  /** From 1 on; in an extractive answer, in the order of appearance. */
  readonly number: number;
}

/** The answer to a question. */
export interface Answer {
  readonly question: string;
  /** `extractive`: the documents' own sentences, chosen without a model. `written`: the words of a model. */
  readonly kind: "extractive" | "written";
  /** The model that wrote it; not there in an extractive answer. */
  readonly model?: string;
  /** Statements, each followed by the numbers of its sources in brackets. Empty when nothing fits. */
  readonly text: string;
  /** The passages that the answer names. */
  readonly sources: readonly AnswerSource[];
}

/**
 * Answers a question from a store, with the numbers of the passages that say so. With an `answerer`, a model writes the
 * answer from the best passages and from nothing else. Without one, it consists of the sentences of the best passages that
 * fit the question best, word for word: nothing is rephrased and nothing concluded. A store in which nothing is found
 * gives an empty answer, and no model is asked. A cancellation ends the search and the writing at once.
 *
 *     const { answerer, embedder } = openAICompatible({ baseUrl, model });
 *     await ask(store, "How do I cancel a stream?", { answerer, embedder, onText: (piece) => process.stdout.write(piece) });
 */
export async function ask(store: Store, question: string, options: AskOptions = {}): Promise<Answer> {
  const { answerer, onText = () => {} } = options;
  const hits = await search(store, question, { ...options, k: options.k ?? 6 });
  if (answerer !== undefined && hits.length > 0) return written(question, hits, answerer, onText);
  const answer = extractive(question, hits);
  if (answer.text !== "") onText(answer.text);
  return answer;
}

async function written(
  question: string,
  hits: readonly SearchHit[],
  answerer: Answerer,
  onText: (piece: string) => void,
): Promise<Answer> {
  const text = await answerer.answer(question, hits, onText);
  const sources = citedNumbers(text, hits.length).map((number) => ({ number, ...(hits[number - 1] as SearchHit) }));
  return { question, kind: "written", model: answerer.model, text, sources };
}

function extractive(question: string, hits: readonly SearchHit[]): Answer {
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
