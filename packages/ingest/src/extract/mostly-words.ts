import { kindAt, LETTER, SPACE } from "../embed/character-kinds.ts";

const FEWEST_LETTERS = 0.75;

/** Whether a text consists of letters and spaces for the most part, as sentences do, and code and formulas do not. */
export function isMostlyWords(text: string): boolean {
  let letters = 0;
  for (let at = 0; at < text.length; at++) if ((kindAt(text, at) & (LETTER | SPACE)) !== 0) letters++;
  return letters >= FEWEST_LETTERS * text.length;
}
