import { createHash } from "node:crypto";

/**
 * One short name for a configuration. A document is done again when its bytes or this have changed. Raise the first
 * part when the pipeline itself makes other records of the same parts.
 */
export function configurationFingerprint(parts: readonly { readonly fingerprint: string }[]): string {
  const hash = createHash("sha256");
  hash.update("pipeline/2");
  for (const { fingerprint } of parts) hash.update(`\n${fingerprint.length}:${fingerprint}`);
  return hash.digest("hex").slice(0, 16);
}
