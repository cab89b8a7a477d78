/** What the stages of a running flow read from: the stage before. It has one reader at a time. */
export interface Pull<T> {
  /** The next item, when there is one. A reader that is cancelled loses none. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** No more is wanted: ends what runs upstream and leaves the source. Harmless when called again, or at the end. */
  leave(): Promise<void>;
}
