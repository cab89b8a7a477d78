import { describeValue } from "./describe-value.ts";

/** @throws TypeError when the options are not an object, or hold a name that is not known. */
export function checkKeys(options: unknown, known: readonly string[], what: string): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${what}: expected an object of options, got ${describeValue(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new TypeError(`${what}: unknown option ${JSON.stringify(key)}; known are ${known.join(", ")}`);
  }
}

/** A number of whole things that is at least `least`; `Infinity` is allowed. */
export function checkCount(value: unknown, least: number, what: string): number {
  const valid = typeof value === "number" && value >= least && (Number.isInteger(value) || value === Infinity);
  if (valid) return value;
  throw new RangeError(`${what}: expected a whole number of at least ${least}, got ${describeValue(value)}`);
}
