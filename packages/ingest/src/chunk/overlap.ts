import { characterBorder, isWhiteSpace, skipWhiteSpace } from "../parse/characters.ts";
import { reachBack } from "./estimate-tokens.ts";

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly opensSection: boolean;
}

/**
 * Where a passage starts when it repeats the end of the one before, up to `budget`: at the start of a word (through a
 * word only where there is no gap), behind the start of the one before. A passage that opens a section repeats nothing.
 */
export function overlapStart(text: string, passage: Stretch, before: Stretch | undefined, budget: number): number {
  if (before === undefined || passage.opensSection) return passage.start;
  const earliest = reachBack(text, before.start + 1, passage.start, budget);
  if (earliest >= before.end) return passage.start;
  let at = earliest;
  while (at < before.end && !(isWhiteSpace(text.charCodeAt(at - 1)) && !isWhiteSpace(text.charCodeAt(at)))) at++;
  if (at < before.end) return at;
  const border = characterBorder(text, earliest);
  const inside = border < earliest ? earliest + 1 : earliest;
  const start = skipWhiteSpace(text, inside, passage.start);
  return start;
}
