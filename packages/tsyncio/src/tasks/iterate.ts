import { currentScope } from "../kernel/context.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue, isThenable } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { throwIfCancelled, yieldNow } from "./sleep.ts";

type Answer<T> = { readonly result: IteratorResult<T, unknown> } | { readonly error: unknown };

/** A `next()` of the source that is under way, or whose answer nobody has taken yet. */
interface Question<T> {
  answer: Answer<T> | null;
  reader: Wait<void> | null;
}

/**
 * Reads any iterable, by one reader, in a way that a cancellation ends at once, also while its `next()` is pending.
 * An answer that arrives for a cancelled `next()` is kept for the following one, so none is lost.
 */
export class CancellableIterator<T> {
  private readonly source: AsyncIterator<T, unknown> | Iterator<T, unknown>;
  /**
   * Whether the answers come from outside tsyncio, so that a simulation's clock stands still meanwhile. Known of
   * streams only. A generator may well sleep between its items: with the clock standing still, it would never wake.
   */
  private readonly outside: boolean;
  private question: Question<T> | null = null;

  /** @throws TypeError for what is not iterable. */
  constructor(iterable: AsyncIterable<T> | Iterable<T>, what: string, outside: boolean = isStream(iterable)) {
    const source = iteratorOf(iterable);
    if (source === undefined) throw new TypeError(`${what}: expected an iterable, got ${describeValue(iterable)}`);
    this.source = source;
    this.outside = outside;
  }

  async next(): Promise<IteratorResult<T, unknown>> {
    if (this.question === null) {
      throwIfCancelled();
      const result = this.source.next();
      if (!isThenable(result)) {
        await yieldNow();
        return result;
      }
      this.question = ask(result);
    }
    const { question } = this;
    if (question.answer === null) await this.arrival(question);
    else await immediate(() => undefined);
    const answer = question.answer as unknown as Answer<T>;
    this.question = null;
    if ("error" in answer) throw answer.error;
    return answer.result;
  }

  private arrival(question: Question<T>): Promise<void> {
    return suspend<void>("the next item of a source", (wait) => {
      question.reader = wait;
      if (!this.outside) return () => (question.reader = null);
      const { loop } = currentScope();
      loop.holdForeign();
      void wait.promise.then(
        () => loop.releaseForeign(),
        () => loop.releaseForeign(),
      );
      return () => (question.reader = null);
    });
  }

  /**
   * Tells the source that no more is wanted, and waits for its clean-up; but not while a `next()` is pending: an
   * async generator queues `return()` behind it (tc39/proposal-async-iteration#126), so its answer is dropped then.
   */
  async leave(): Promise<void> {
    const returned: unknown = this.source.return?.();
    if (this.question === null || this.question.answer !== null) await returned;
    else if (isThenable(returned)) returned.then(undefined, () => {});
  }
}

function ask<T>(result: PromiseLike<IteratorResult<T, unknown>>): Question<T> {
  const question: Question<T> = { answer: null, reader: null };
  const arrived = (answer: Answer<T>): void => {
    question.answer = answer;
    question.reader?.resolve();
  };
  result.then(
    (value) => arrived({ result: value }),
    (error: unknown) => arrived({ error }),
  );
  return question;
}

/** Whether a value is a stream of Node or of the web. */
function isStream(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "getReader" in value || ("pipe" in value && "destroy" in value);
}

function iteratorOf<T>(
  iterable: AsyncIterable<T> | Iterable<T>,
): AsyncIterator<T, unknown> | Iterator<T, unknown> | undefined {
  const candidate: { [Symbol.asyncIterator]?: unknown; [Symbol.iterator]?: unknown } | null | undefined = iterable;
  if (candidate === null || candidate === undefined) return undefined;
  if (typeof candidate[Symbol.asyncIterator] === "function") {
    return (iterable as AsyncIterable<T>)[Symbol.asyncIterator]();
  }
  if (typeof candidate[Symbol.iterator] === "function") return (iterable as Iterable<T>)[Symbol.iterator]();
  return undefined;
}
