import * as fc from "fast-check";
import { simulate } from "tsyncio/testing";

/** What `TSYNCIO_EXPLORE` says: `TSYNCIO_EXPLORE=20 npm test -- exploration` tries twenty times as many. */
const factor = Number(process.env["TSYNCIO_EXPLORE"] ?? 1);

/** How many runs an exploration has that by default has `count`. */
export function runs(count: number): number {
  return Math.ceil(count * factor);
}

/**
 * Checks a law for `count` generated values, each in another seeded order of wake-ups. A failure prints the smallest
 * value that fails, with its seed.
 */
export async function explored<T>(
  count: number,
  values: fc.Arbitrary<T>,
  law: (value: T) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(values, fc.nat(), (value, seed) => simulate(() => law(value), { seed }));
  await fc.assert(property, { numRuns: runs(count) });
}
