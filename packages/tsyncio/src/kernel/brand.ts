/**
 * `instanceof` for classes whose objects may come from another copy of this package in the same process: an object
 * belongs to the class if it carries the class's brand, a `Symbol.for` key. Subclasses are told apart as ever.
 */
export function isBranded(self: unknown, branded: unknown, brand: symbol, value: unknown): boolean {
  if (self !== branded) return Function.prototype[Symbol.hasInstance].call(self as never, value);
  return typeof value === "object" && value !== null && brand in value;
}
