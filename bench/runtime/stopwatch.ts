import { setTimeout } from "node:timers/promises";
import type { Measurement } from "./cells.ts";

/**
 * Starts a watch; the returned function stops it and notes how many operations were done. It counts the processor time of
 * the process, that of the garbage collector's threads included: what else runs on the machine takes no part in it.
 */
export function stopwatch(): (done: number) => Measurement {
  const start = process.cpuUsage();
  return (done) => {
    const { user, system } = process.cpuUsage(start);
    return { done, total: (user + system) / 1_000 };
  };
}

/** The moment at which sleepers are due: late enough that all of them sleep by then. */
export function dueMoment(sleepers: number, msToSpawn = 0.02): number {
  return performance.now() + 500 + sleepers * msToSpawn;
}

/** Keeps the thread busy until the moment has passed, so that all timers of that moment are due together. */
export function spinUntil(moment: number): void {
  if (performance.now() > moment) throw new Error("some sleepers were due before the last one was asleep");
  while (performance.now() <= moment);
}

/** The bytes of the heap that are in use, after a collection. */
export async function heapInUse(): Promise<number> {
  // What was only kept until the end of the turn goes first.
  await setTimeout(50);
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
