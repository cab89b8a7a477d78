/** A value in words, for messages about what came instead of what was expected. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return "a function";
  // oxlint-disable-next-line typescript/no-base-to-string -- only primitives are left
  if (typeof value !== "object") return String(value);
  const name = (value as { constructor?: { name?: string } }).constructor?.name ?? "";
  return name === "Object" || name === "" ? "an object" : `an object of class ${name}`;
}
