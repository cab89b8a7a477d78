/** What an iterator answers when there is no more. */
export const end: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** An answer with an item. */
export function item<T>(value: T): IteratorYieldResult<T> {
  return { done: false, value };
}
