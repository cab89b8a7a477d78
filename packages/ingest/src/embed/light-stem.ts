const VOWEL = /[aeiouy]/u;
const DOUBLED = /([bdfgmnprt])\1$/u;

/**
 * Brings the common inflections of an English word together: plurals, `-ing`, `-ed`, `-ly`, `-ment`, `-ion`, a final
 * `e`. Lighter than Porter's algorithm, on purpose: what it misses, the character n-grams catch, and a wrong
 * conflation cannot be taken back. Expects lower case; what it returns need not be a word.
 */
export function lightStem(word: string): string {
  if (word.length < 4) return word;
  return withoutFinalE(withoutDerivation(withoutInflection(withoutPlural(word))));
}

function withoutPlural(word: string): string {
  if (!word.endsWith("s") || word.endsWith("ss") || word.endsWith("us") || word.endsWith("is")) return word;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|zz)es$/u.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

function withoutInflection(word: string): string {
  for (const ending of ["ing", "ed"]) {
    if (!word.endsWith(ending)) continue;
    const rest = word.slice(0, -ending.length);
    if (rest.length < 3 || !VOWEL.test(rest)) return word;
    return DOUBLED.test(rest) ? rest.slice(0, -1) : rest;
  }
  return word;
}

function withoutDerivation(word: string): string {
  if (word.endsWith("ly") && word.length > 5) return word.slice(0, -2);
  if (word.endsWith("ment") && word.length > 7) return word.slice(0, -4);
  const bare = /[st]ion$/u.test(word) && word.length > 7 ? word.slice(0, -3) : withoutFinalE(word);
  return bare.endsWith("at") && bare.length > 6 ? bare.slice(0, -2) : bare;
}

function withoutFinalE(word: string): string {
  return word.endsWith("e") && word.length > 4 ? word.slice(0, -1) : word;
}
