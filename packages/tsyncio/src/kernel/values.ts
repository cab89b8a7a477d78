/** Whether a value is a promise or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** A value in words, for messages about wrong arguments. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object") return `an object (${value.constructor?.name ?? "without prototype"})`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
}

/** @throws TypeError unless the value is a function. */
export function expectFunction(value: unknown, what: string): void {
  if (typeof value !== "function") throw new TypeError(`${what}: expected a function, got ${describeValue(value)}`);
}

/**
 * Checks a limit on how many run at once.
 * @throws RangeError unless it is a whole number from 1 on, or Infinity.
 */
export function expectLimit(limit: number, what: string): number {
  if (limit === Number.POSITIVE_INFINITY || (Number.isInteger(limit) && limit >= 1)) return limit;
  throw new RangeError(`${what}: expected a whole number from 1 on, or Infinity, got ${describeValue(limit)}`);
}
