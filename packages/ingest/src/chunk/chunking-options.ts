export interface ChunkingOptions {
  /** The most estimated tokens a chunk may have; 16 or more, 400 unless told. */
  readonly maxTokens?: number;
  /**
   * A section with fewer estimated tokens than this is *tiny* and may share a chunk with its tiny neighbours under the
   * same heading. At most half of `maxTokens`; an eighth of it unless told.
   */
  readonly minTokens?: number;
  /**
   * Where a section goes on in a further chunk, at most this many estimated tokens of the text before are repeated at
   * its start. At most half of `maxTokens`, of which it is taken; 0 unless told.
   */
  readonly overlapTokens?: number;
}

const DEFAULT_MAX_TOKENS = 400;
const LEAST_MAX_TOKENS = 16;

/** The options with their defaults. Throws a `RangeError` for numbers that cannot be. */
export function chunkingOptions(options: ChunkingOptions): Required<ChunkingOptions> {
  const maxTokens = options.maxTokens ?? DEFAULT_MAX_TOKENS;
  check("maxTokens", maxTokens, LEAST_MAX_TOKENS, 1_000_000);
  const half = Math.floor(maxTokens / 2);
  const minTokens = options.minTokens ?? Math.floor(maxTokens / 8);
  check("minTokens", minTokens, 0, half);
  const overlapTokens = options.overlapTokens ?? 0;
  check("overlapTokens", overlapTokens, 0, half);
  return { maxTokens, minTokens, overlapTokens };
}

/** Changes whenever the same document would be cut differently. */
export function chunkerFingerprint(options: ChunkingOptions = {}): string {
  const { maxTokens, minTokens, overlapTokens } = chunkingOptions(options);
  return `chunk/${CHUNKER_VERSION} max=${maxTokens} min=${minTokens} overlap=${overlapTokens}`;
}

/** Raise it with every change of the chunker that moves a border in some document. */
const CHUNKER_VERSION = 1;

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got ${value}`);
}
