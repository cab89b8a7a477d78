/**
 * What characters are, as far as words go: the classes of Unicode that the patterns `\p{L}`, `\p{N}`, `\p{M}` and `\s`
 * stand for, as bits, so that text can be read character by character without running a pattern at each.
 */
export const LETTER = 1;
/** Numbers, and the underscore, which stands in words as they do. */
export const NUMBER = 2;
export const MARK = 4;
export const SPACE = 8;

/** The code point is there, and known to be none of the above. */
const NOTHING = 16;

/** Of each code unit, once it has been met; 0 before. */
const kinds = new Uint8Array(0x1_0000);

/** The kind of the character at `at`. Both halves of a surrogate pair are of the kind of the pair. */
export function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const kind = kinds[code] ?? 0;
  if (kind !== 0) return kind;
  return (code & 0xf800) === 0xd800 ? classify(pairAt(text, at)) : (kinds[code] = classify(code));
}

function pairAt(text: string, at: number): number {
  const before = text.codePointAt(at - 1) ?? 0;
  return before > 0xffff ? before : (text.codePointAt(at) ?? 0);
}

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  if (/\p{L}/u.test(character)) return LETTER;
  if (/[\p{N}_]/u.test(character)) return NUMBER;
  if (/\p{M}/u.test(character)) return MARK;
  return /\s/u.test(character) ? SPACE : NOTHING;
}
