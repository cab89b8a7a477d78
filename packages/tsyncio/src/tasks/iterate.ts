import { describeValue, isThenable } from "../kernel/values.ts";
import { awaitForeign } from "./interruptible.ts";
import { throwIfCancelled, yieldNow } from "./sleep.ts";

type Answer<T> = { readonly result: IteratorResult<T, unknown> } | { readonly error: unknown };

/**
 * Reads any iterable, by one reader, in a way that a cancellation ends at once, also while its `next()` is pending.
 * An answer that arrives for a cancelled `next()` is kept for the following one, so none is lost.
 */
export class CancellableIterator<T> {
  private readonly source: AsyncIterator<T, unknown> | Iterator<T, unknown>;
  /** The answer to the source's `next()` that is under way, or was when its reader was cancelled. */
  private asked: Promise<Answer<T>> | null = null;

  /** @throws TypeError for what is not iterable. */
  constructor(iterable: AsyncIterable<T> | Iterable<T>, what: string) {
    const source = iteratorOf(iterable);
    if (source === undefined) throw new TypeError(`${what}: expected an iterable, got ${describeValue(iterable)}`);
    this.source = source;
  }

  async next(): Promise<IteratorResult<T, unknown>> {
    if (this.asked === null) {
      throwIfCancelled();
      const result = this.source.next();
      if (!isThenable(result)) {
        await yieldNow();
        return result;
      }
      this.asked = Promise.resolve(result).then(
        (value) => ({ result: value }),
        (error: unknown) => ({ error }),
      );
    }
    const answer = await awaitForeign(this.asked);
    this.asked = null;
    if ("error" in answer) throw answer.error;
    return answer.result;
  }

  /**
   * Tells the source that no more is wanted, and waits for its clean-up; but not while a `next()` is pending: an
   * async generator queues `return()` behind it (tc39/proposal-async-iteration#126), so its answer is dropped then.
   */
  async leave(): Promise<void> {
    const returned: unknown = this.source.return?.();
    if (this.asked === null) await returned;
    else if (isThenable(returned)) returned.then(undefined, () => {});
  }
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
