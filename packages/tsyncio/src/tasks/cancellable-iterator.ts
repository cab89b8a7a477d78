import { isCancelled } from "../errors.ts";
import { currentScope, runIn } from "../kernel/context.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue, isThenable } from "../kernel/values.ts";
import type { Scope } from "../kernel/scope.ts";
import type { Wait } from "../kernel/wait.ts";
import { BlockScope } from "./block-scope.ts";
import { end } from "./iterator-result.ts";
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
 *
 * The source runs in a scope of its own, inside that of the first `next()`: a generator resumes in the same one each
 * time, and what still waits in there tells whether it is unwinding.
 */
export class CancellableIterator<T> {
  private readonly source: AsyncIterator<T, unknown> | Iterator<T, unknown>;
  /**
   * Whether the answers come from outside tsyncio, so that a simulation's clock stands still meanwhile. Known of
   * streams only. A generator may well sleep between its items: with the clock standing still, it would never wake.
   */
  private readonly outside: boolean;
  private question: Question<T> | null = null;
  private scope: BlockScope | null = null;
  private over = false;

  /** @throws TypeError for what is not iterable. */
  constructor(iterable: AsyncIterable<T> | Iterable<T>, what: string, outside: boolean = isStream(iterable)) {
    const source = iteratorOf(iterable);
    if (source === undefined) throw new TypeError(`${what}: expected an iterable, got ${describeValue(iterable)}`);
    this.source = source;
    this.outside = outside;
  }

  /** Runs the source inside a scope of the caller's choice; otherwise that is the scope of the first `next()`. */
  runInside(home: Scope): void {
    this.scope = new BlockScope("combinator", "a source", home);
  }

  /** Ends a `next()` that is pending: it yields the end. */
  interrupt(): void {
    this.question?.reader?.resolve();
  }

  async next(): Promise<IteratorResult<T, unknown>> {
    if (this.question === null) {
      throwIfCancelled();
      this.scope ??= new BlockScope("combinator", "a source");
      const result = this.ended(() => runIn(this.scope as BlockScope, () => this.source.next()));
      if (!isThenable(result)) {
        await yieldNow();
        return this.passed(result);
      }
      this.question = ask(result);
    }
    const { question } = this;
    if (question.answer === null) await this.arrival(question);
    else await immediate(() => undefined);
    const { answer } = question;
    if (answer === null) return end;
    this.question = null;
    return this.ended(() => this.passed(resultOf(answer)));
  }

  /** The source ends when it throws… */
  private ended<R>(answer: () => R): R {
    try {
      return answer();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** …and when it has no more. */
  private passed(result: IteratorResult<T, unknown>): IteratorResult<T, unknown> {
    if (result.done === true) this.end();
    return result;
  }

  /** What has ended by itself is not left. */
  private end(): void {
    this.over = true;
    this.scope?.end();
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
   * Tells the source that no more is wanted, and waits for its clean-up. While a `next()` is pending, an async
   * generator queues `return()` behind it (tc39/proposal-async-iteration#126). Then this waits only for one that is
   * about to end: its own waits were cancelled, or are shielded clean-up. One that awaits something foreign is left
   * alone, and what it answers is dropped.
   */
  async leave(): Promise<void> {
    if (this.over) return;
    const { question } = this;
    try {
      const answer = question === null ? null : question.answer;
      if (answer !== null && hasEnded(answer)) {
        resultOf(answer);
        return;
      }
      const returned: unknown = this.source.return?.();
      if (question === null || answer !== null) await returned;
      else if (isThenable(returned)) {
        await this.unwound(ask(returned as PromiseLike<IteratorResult<T, unknown>>), question);
      }
    } finally {
      this.scope?.end();
    }
  }

  private async unwound(returned: Question<T>, pending: Question<T>): Promise<void> {
    const { scope } = this;
    await suspend<void>("the end of a source", (wait) => currentScope().loop.afterTurn(() => wait.resolve()));
    const isWaiting = scope !== null && (scope.waits.first !== null || scope.childScopes().length > 0);
    if (returned.answer === null && isWaiting) await this.arrival(returned);
    if (returned.answer === null) return;
    // In a generator, that is a clean-up that failed; others may reject it as their way of ending it.
    const failed = isGenerator(this.source) && pending.answer !== null && !isCancellation(pending.answer);
    if (failed) resultOf(pending.answer as Answer<T>);
    resultOf(returned.answer);
  }
}

function resultOf<T>(answer: Answer<T>): IteratorResult<T, unknown> {
  if ("error" in answer) throw answer.error;
  return answer.result;
}

/** Whether the source ended with this answer, by itself: then there is nothing to leave. */
function hasEnded(answer: Answer<unknown>): boolean {
  return "error" in answer ? !isCancelled(answer.error) : answer.result.done === true;
}

function isGenerator(source: object): boolean {
  return Object.prototype.toString.call(source) === "[object AsyncGenerator]";
}

function isCancellation(answer: Answer<unknown>): boolean {
  return "error" in answer && isCancelled(answer.error);
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
