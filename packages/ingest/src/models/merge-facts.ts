import { isDeepStrictEqual } from "node:util";
import type { Facts } from "../model/document.ts";

/**
 * The facts of a document's parts as those of the whole: lists are joined, without what stands in them twice; objects are
 * merged; of anything else the first that says something counts.
 */
export function mergeFacts(parts: readonly Facts[]): Facts {
  return parts.reduce((merged, part) => mergeObjects(merged, part), {});
}

function mergeObjects(a: Facts, b: Facts): Facts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, mergeValues(a[name], b[name])]));
}

function mergeValues(a: unknown, b: unknown): unknown {
  if (isList(a) && isList(b)) {
    return [...a, ...b].filter(
      (item, index, all) => all.findIndex((other) => isDeepStrictEqual(item, other)) === index,
    );
  }
  if (isPlain(a) && isPlain(b)) return mergeObjects(a, b);
  return a === undefined || a === null || a === "" ? b : a;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isPlain(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
