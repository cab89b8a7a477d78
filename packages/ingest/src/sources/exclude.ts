import { resolve } from "node:path";
import picomatch from "picomatch";
import { withSlashes } from "./slashes.ts";

/**
 * A test for what is left out. A pattern without a slash is about a name at any depth, as in `.gitignore`; any other
 * is about a path, seen from the current folder unless it begins with `**` or a slash. What is below a folder that
 * matches is left out too.
 */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const globs = patterns.map((pattern) => {
    if (!pattern.includes("/")) return `**/${pattern}`;
    return pattern.startsWith("**") ? pattern : withSlashes(resolve(pattern));
  });
  const matches = picomatch(globs, { dot: true });
  return (path) => matches(withSlashes(path));
}
