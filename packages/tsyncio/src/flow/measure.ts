import { describeValue } from "../kernel/values.ts";

/** How much an item weighs, in whatever unit the bound of {@link Flow.batch} or `buffer` is given. */
export type Measure<T> = (item: T) => number;

/** Bytes of strings (as UTF-8) and of binary data. @throws TypeError for anything else. */
function byteLength(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  throw new TypeError(`expected a string or binary data, got ${describeValue(value)}: give "measure" for other items`);
}

/** A measure whose results are checked; without one, that of strings and binary data. */
export function checkedMeasure<T>(measure: Measure<T> | undefined, what: string): Measure<T> {
  return (item) => {
    const size = (measure ?? byteLength)(item);
    if (typeof size === "number" && size >= 0 && size < Number.POSITIVE_INFINITY) return size;
    throw new RangeError(`${what}: expected measure to give a number from 0 on, got ${describeValue(size)}`);
  };
}

/** @throws RangeError unless the bound is a number above 0. */
export function expectBound(bound: number | undefined, what: string): number {
  if (bound === undefined) return Number.POSITIVE_INFINITY;
  if (typeof bound === "number" && bound > 0) return bound;
  throw new RangeError(`${what}: expected a number above 0, got ${describeValue(bound)}`);
}
