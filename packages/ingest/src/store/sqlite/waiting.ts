/**
 * Where every caller of the store waits: the one place that knows about cancellation.
 *
 * `start` sends the request. The work in the store's thread is never cut short, whoever stops waiting for it.
 */
export function waitFor<T>(_label: string, start: () => Promise<T>): Promise<T> {
  return start();
}

/** For what must be finished although the caller is cancelled. */
export function finish<T>(body: () => Promise<T>): Promise<T> {
  return body();
}
