import { suspend } from "tsyncio";

/**
 * Where every caller of the store waits: the one place that knows about cancellation.
 *
 * `start` sends the request; it is not called if the caller is cancelled already. Later, a cancelled caller stops
 * waiting at once, but what it asked for is done to its end, because half of it must not be. An answer that comes
 * when nobody waits any more goes to `abandoned`, which gives back what it holds.
 */
export function waitFor<T>(
  label: string,
  start: () => Promise<T>,
  abandoned: (answer: T) => void = () => undefined,
): Promise<Awaited<T>> {
  return suspend<T>(label, (wait) => {
    start().then(
      (answer) => {
        if (!wait.resolve(answer)) abandoned(answer);
      },
      (error: unknown) => wait.reject(error),
    );
  });
}
