import { type Duration, type Timeout, timeout, TimeoutError } from "tsyncio";

/** Runs one call within a time. The error of a call that takes longer says which limit that was. */
export async function withinStageTime<T>(limit: Duration, call: () => Promise<T>): Promise<T> {
  let clock: Timeout | undefined;
  try {
    return await timeout(limit, (started) => {
      clock = started;
      return call();
    });
  } catch (error) {
    // A call may well have time limits of its own.
    if (!(error instanceof TimeoutError) || clock?.expired() !== true) throw error;
    const shown = typeof limit === "number" ? `${limit}ms` : limit;
    throw new TimeoutError(`it took longer than ${shown}; limits.stageTime allows more`, { cause: error });
  }
}
