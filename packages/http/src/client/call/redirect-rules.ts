import { checkCount, checkKeys } from "../../shared/check.ts";
import { describeValue } from "../../shared/describe-value.ts";

/** Which redirects are followed, and what they carry along. */
export interface RedirectOptions {
  /** How many are followed. Default: 10. */
  readonly max?: number;
  /**
   * Headers of yours that hold a secret, such as `x-api-key`: they are dropped when the origin changes, as
   * `authorization`, `proxy-authorization` and `cookie` always are.
   */
  readonly dropHeaders?: readonly string[];
}

/** Rules that are ready for use. */
export interface RedirectRules {
  /** How many to follow; false: none, and a redirect is an answer like any other. */
  readonly max: number | false;
  /** Lower-case names of the headers that are only meant for the origin to which they were sent. */
  readonly secret: readonly string[];
}

/** What applies where nothing is said. */
export const defaultRedirects: RedirectRules = {
  max: 10,
  secret: ["authorization", "proxy-authorization", "cookie", "host"],
};

/** The rules that options describe, where `base` says what is not said. Secrets add up. */
export function readRedirects(
  input: RedirectOptions | number | false | undefined,
  base: RedirectRules,
  what: string,
): RedirectRules {
  if (input === undefined) return base;
  if (input === false) return { ...base, max: false };
  if (typeof input === "number") return { ...base, max: checkCount(input, 0, `${what}: redirects`) };
  checkKeys(input, ["max", "dropHeaders"], `${what}: redirects`);
  const { max = base.max === false ? defaultRedirects.max : base.max, dropHeaders = [] } = input;
  if (!Array.isArray(dropHeaders) || !dropHeaders.every((name) => typeof name === "string")) {
    const got = describeValue(dropHeaders);
    throw new TypeError(`${what}: redirects.dropHeaders: expected a list of headers' names, got ${got}`);
  }
  return {
    max: checkCount(max, 0, `${what}: redirects.max`),
    secret: [...base.secret, ...dropHeaders.map((name) => name.toLowerCase())],
  };
}
