/**
 * Hashes of features: signed 32-bit numbers (which V8 stores without allocation), made in integer arithmetic only, so that
 * they are the same on every platform.
 *
 * FNV-1a over UTF-16 code units, with the final mixing step of MurmurHash3, because the upper bits of FNV alone are too
 * regular for short inputs to choose a dimension by.
 */
export function hashText(text: string, start = 0, end: number = text.length, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(hash);
}

/** The hash of an ordered pair of features. */
export function hashPair(left: number, right: number): number {
  return mixed(Math.imul(left, 31) ^ (right + 0x9e3779b9));
}

function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
