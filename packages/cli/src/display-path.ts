import { relative } from "node:path";

/** A path as one would type it from here. */
export function displayPath(source: string): string {
  const near = relative(process.cwd(), source);
  return near === "" || near.startsWith("../..") ? source : near;
}
