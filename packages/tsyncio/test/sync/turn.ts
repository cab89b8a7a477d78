import { setImmediate } from "node:timers";

/** Waits until all that is ready now has run, and what followed from it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets `count` microtasks go by, without a point at which the caller could be cancelled. */
export async function microtasks(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await Promise.resolve();
}

/** The offsets at which races are tried. */
export const offsets: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
