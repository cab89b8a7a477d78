import { monitorEventLoopDelay } from "node:perf_hooks";

const resolution = 5;

/** Watches how long the main thread's loop goes without turning; the answer is in milliseconds. */
export function watchLoopGap(): { readonly largest: () => number; readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return {
    // The histogram holds the time between two firings of a timer of `resolution`.
    largest: () => Math.max(0, histogram.max / 1e6 - resolution),
    stop: () => void histogram.disable(),
  };
}
