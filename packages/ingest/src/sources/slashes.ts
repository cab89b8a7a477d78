import { sep } from "node:path";

/** A path in the notation of patterns, which separate folders by `/` on every platform. */
export function withSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
