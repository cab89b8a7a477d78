import { join, relative, resolve } from "node:path";
import picomatch from "picomatch";
import { withSlashes } from "./slashes.ts";
import type { WalkRules } from "./walk-folder.ts";

/** A pattern of paths, and how to walk so that what matches is found. */
export interface Glob extends WalkRules {
  /** The folder in which the pattern's first wildcard stands, as an absolute path. */
  readonly base: string;
  /** The pattern as an absolute path. */
  readonly origin: string;
  /** Whether the pattern says which extension it wants, as `*.foo` does and `*` does not. */
  readonly spellsOutExtension: boolean;
}

const wildcard = /[*?[\]{}()!+@|]/;

/** Understands an argument as a glob, relative to the current folder; undefined if it has no wildcards. */
export function asGlob(argument: string): Glob | undefined {
  const scanned = picomatch.scan(withSlashes(argument));
  if (!scanned.isGlob || scanned.negated) return undefined;
  const base = resolve(scanned.base);
  const matches = picomatch(scanned.glob);
  const segments = scanned.glob.split("/");
  const spelledOut = new Set(segments.filter((segment) => !wildcard.test(segment)));
  const wantsHidden = segments.some((segment) => segment.startsWith(".") && wildcard.test(segment));
  const deepest = scanned.glob.includes("**") ? Infinity : segments.length - 1;
  const name = segments.at(-1) ?? "";
  const extension = /\.([^./]+)$/.exec(name)?.[1] ?? "*";
  return {
    base,
    origin: join(base, scanned.glob),
    spellsOutExtension: spelledOut.has(name) || !/[*?]/.test(extension),
    enters(_path, name, depth) {
      if (depth > deepest) return false;
      if (name !== "node_modules" && !name.startsWith(".")) return true;
      return spelledOut.has(name) || (wantsHidden && name !== "node_modules");
    },
    takes: (path) => matches(withSlashes(relative(base, path))),
  };
}
