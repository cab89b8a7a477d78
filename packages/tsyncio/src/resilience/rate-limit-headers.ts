import { parseRetryAfter } from "./retry-after.ts";

/** Headers of which {@link RateLimiter.learn} learns, as `Headers` of the web or as a plain object with lower-case names. */
export type HeaderSource =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a service says of one quota. Times in milliseconds. */
interface Quota {
  limit?: number;
  remaining?: number;
  resetIn?: number;
}

/** What a service says of its quotas, by the names of the budgets, and how long it wants to be left alone. */
export interface RateLimitHeaders {
  readonly quotas: ReadonlyMap<string, Quota>;
  readonly retryAfter: number | undefined;
}

/** The vendors' prefixes; a quota's name stands before or after the field's. */
const prefixes = ["x-ratelimit", "ratelimit", "anthropic-ratelimit"];

/**
 * Reads the headers that services use. Nothing is standard but the last line:
 *
 *     x-ratelimit-remaining-tokens: 149984    x-ratelimit-reset-tokens: 6m0s        (OpenAI and those like it)
 *     anthropic-ratelimit-tokens-remaining: 9 anthropic-ratelimit-tokens-reset: 2026-01-01T00:00:00Z
 *     x-ratelimit-remaining: 56               x-ratelimit-reset: 1772000000         (GitHub: seconds since 1970)
 *     ratelimit-remaining: 56                 ratelimit-reset: 30                   (earlier drafts: seconds from now)
 *     ratelimit: "default";r=56;t=30          ratelimit-policy: "default";q=100;w=60
 *
 * Fields without a name are those of the budget `requests`, or of the only one. What cannot be read is left out.
 */
export function readRateLimitHeaders(
  headers: HeaderSource,
  names: readonly string[],
  now: number = Date.now(),
): RateLimitHeaders {
  const header = reader(headers);
  const unnamed = names.includes("requests") ? "requests" : names.length === 1 ? names[0] : undefined;
  const quotas = new Map<string, Quota>();
  for (const name of names) {
    const field = (kind: string): string | undefined => {
      for (const prefix of prefixes) {
        const value = header(`${prefix}-${kind}-${name}`) ?? header(`${prefix}-${name}-${kind}`);
        if (value !== undefined) return value;
      }
      return name === unnamed ? (header(`x-ratelimit-${kind}`) ?? header(`ratelimit-${kind}`)) : undefined;
    };
    const quota = { ...standardQuota(header, name, name === unnamed) };
    assign(quota, "limit", quota.limit ?? readNumber(field("limit")));
    assign(quota, "remaining", quota.remaining ?? readNumber(field("remaining")));
    assign(quota, "resetIn", quota.resetIn ?? readReset(field("reset"), now));
    if (quota.limit !== undefined || quota.remaining !== undefined) quotas.set(name, quota);
  }
  return { quotas, retryAfter: parseRetryAfter(header("retry-after"), now) };
}

function assign(quota: Quota, key: keyof Quota, value: number | undefined): void {
  if (value !== undefined) quota[key] = value;
}

function reader(headers: HeaderSource): (name: string) => string | undefined {
  if (typeof headers.get === "function") {
    const get = headers.get.bind(headers);
    return (name) => get(name) ?? undefined;
  }
  const record = headers as Readonly<Record<string, string | readonly string[] | undefined>>;
  return (name) => {
    const value = record[name];
    return typeof value === "string" ? value : value?.[0];
  };
}

/** The fields of the IETF draft "RateLimit header fields for HTTP": items with parameters, one for each policy. */
function standardQuota(header: (name: string) => string | undefined, name: string, acceptsAny: boolean): Quota {
  const current = policy(header("ratelimit"), name, acceptsAny);
  const rule = policy(header("ratelimit-policy"), name, acceptsAny);
  const quota: Quota = {};
  assign(quota, "limit", readNumber(rule?.get("q")));
  assign(quota, "remaining", readNumber(current?.get("r")));
  const seconds = readNumber(current?.get("t"));
  assign(quota, "resetIn", seconds === undefined ? undefined : seconds * 1_000);
  return quota;
}

function policy(value: string | undefined, name: string, acceptsAny: boolean): Map<string, string> | undefined {
  const policies = (value ?? "").split(",").map((item) => {
    const [label = "", ...parameters] = item.split(";").map((part) => part.trim());
    const pairs = parameters.map((parameter) => parameter.split("=", 2) as [string, string]);
    return { label: label.replaceAll('"', ""), parameters: new Map(pairs) };
  });
  const named = policies.find(({ label }) => label === name);
  return (named ?? (acceptsAny ? policies[0] : undefined))?.parameters;
}

/** A number from 0 on, or undefined. */
function readNumber(value: string | undefined): number | undefined {
  const text = value?.trim() ?? "";
  const number = text === "" ? Number.NaN : Number(text);
  return number >= 0 && number < Number.POSITIVE_INFINITY ? number : undefined;
}

/** Above this, a number of seconds is a moment since 1970 and not a length: thirty years. */
const longestReset = 1e9;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds until a quota is whole again: from `6m0s`, seconds, seconds since 1970, or a date. */
function readReset(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = readNumber(value);
  if (seconds !== undefined) return seconds > longestReset ? Math.max(0, seconds * 1_000 - now) : seconds * 1_000;
  if (/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(value)) {
    let total = 0;
    for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
      total += Number(amount) * (unitMs[unit as string] as number);
    }
    return total;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
