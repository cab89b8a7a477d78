/**
 * The right to something that is limited: a lock, or permits of a semaphore. It is given back by `release()` or by
 * leaving the block of a `using`, whichever comes first; giving it back again does nothing.
 *
 *     using lease = await lock.acquire();
 */
export interface Lease extends Disposable {
  /** Gives it back. Never waits; does nothing if it was given back already. */
  release(): void;
}
