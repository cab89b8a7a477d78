/** Most tokens, and nothing in them to be taken apart or folded but the case of the first letter. */
const PLAIN = /^[A-Za-z]?[a-z0-9]*$/;

/** The places where an identifier is put together of words: `fooBar`, `HTTPServer`, `foo_bar`, `utf8Text`. */
const SEAM = /_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const IDENTIFIER = /_|[\p{Ll}\p{N}]\p{Lu}|\p{Lu}{2}\p{Ll}/u;

/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

const MARKS = /\p{M}+/gu;
const BEYOND_ASCII = /[^\0-\u007f]/u;

/** Longer tokens are data, such as base64, not words; their beginning stands for them. */
const LONGEST_TOKEN = 64;

/**
 * The words of one token (see `token-scanner.ts`), lower-cased and without accents: `readFileSync` gives `read`, `file`,
 * `sync`; `Zoë's` gives `zoe`. A token in a script without spaces gives its pairs of characters, which serve as words
 * there.
 */
export function tokenWords(raw: string): readonly string[] {
  if (raw.length <= LONGEST_TOKEN && PLAIN.test(raw)) return [raw.toLowerCase()];
  const apostrophe = raw.search(/['’]/u);
  const bare = (apostrophe === -1 ? raw : raw.slice(0, apostrophe)).slice(0, LONGEST_TOKEN);
  if (BEYOND_ASCII.test(bare) && UNSPACED.test(bare)) return characterPairs(bare);
  if (!IDENTIFIER.test(bare)) return [fold(bare)];
  return bare
    .split(SEAM)
    .filter((part) => part !== "")
    .map(fold);
}

function characterPairs(token: string): readonly string[] {
  const characters = Array.from(token.normalize("NFKC").toLowerCase());
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

function fold(word: string): string {
  const lower = word.toLowerCase();
  return BEYOND_ASCII.test(lower) ? lower.normalize("NFKD").replaceAll(MARKS, "") : lower;
}
