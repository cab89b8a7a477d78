import { COMMON_WORDS } from "./common-words.ts";

/**
 * The weight for each line of the table of common words, from "the" upwards. The curve is that of a damped inverse
 * document frequency, (idf / greatest idf)^0.3. An undamped one did worse on every known-answer set: a hashed vector has
 * few dimensions, and under weights that differ much, two or three words decide where a passage points.
 */
const WEIGHTS: readonly number[] = [0.42, 0.58, 0.68, 0.75, 0.81, 0.86, 0.91];
const RARE = 1;
/** A single letter or digit is mostly a variable, a list number, the rest of "don't". */
const SINGLE = 0.68;

const WEIGHT_OF: ReadonlyMap<string, number> = new Map(
  COMMON_WORDS.flatMap((line, level) =>
    line.split(/\s+/u).map((stem): [string, number] => [stem, WEIGHTS[level] ?? RARE]),
  ),
);

/** How much a word says, from above 0 to 1, going by how rare its stem is in technical English at large. */
export function wordWeight(stem: string): number {
  return WEIGHT_OF.get(stem) ?? (stem.length === 1 ? SINGLE : RARE);
}

/** A word that weighs less stands in more than one of eight passages of any technical text: it is no subject. */
export const COMMON_BELOW = 0.7;
