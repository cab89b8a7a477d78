/** What a service takes, as far as it is known. All of it can be overridden. */
export interface ServiceLimits {
  /** Texts in one request for embeddings. */
  readonly itemsPerRequest?: number;
  /** Tokens in one request for embeddings, all texts together. */
  readonly tokensPerRequest?: number;
  /** Tokens of one text that is embedded. */
  readonly tokensPerText?: number;
  /** Tokens of one conversation: instructions, document and answer. */
  readonly contextTokens?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Requests in flight. Without it, the best number is found while it runs, see `AdaptiveLimiter`. */
  readonly concurrency?: number;
}

/** The limits of one call, complete. */
export type CompleteLimits = Required<Omit<ServiceLimits, "requestsPerMinute" | "tokensPerMinute" | "concurrency">> &
  Pick<ServiceLimits, "requestsPerMinute" | "tokensPerMinute" | "concurrency">;

interface Provider {
  readonly host: RegExp;
  readonly limits: ServiceLimits;
}

/** What most servers that speak this protocol take. */
const common = { itemsPerRequest: 64, tokensPerRequest: 32_000, tokensPerText: 8_000, contextTokens: 16_000 } as const;

/**
 * What providers document for a single request. Quotas a minute are not in here: they differ by account, and the services
 * tell them in the headers of their answers, from which they are learnt.
 *
 * Sources: the providers' API references for embeddings, as of November 2026. A batch that is refused as too large is cut
 * in half all the same, so an entry that has become wrong costs a request and nothing else.
 */
const providers: readonly Provider[] = [
  {
    host: /(^|\.)openai\.(com|azure\.com)$/u,
    limits: { itemsPerRequest: 2_048, tokensPerRequest: 300_000, tokensPerText: 8_191, contextTokens: 128_000 },
  },
  {
    host: /(^|\.)voyageai\.com$/u,
    limits: { itemsPerRequest: 1_000, tokensPerRequest: 120_000, tokensPerText: 32_000 },
  },
  { host: /(^|\.)cohere\.(com|ai)$/u, limits: { itemsPerRequest: 96, tokensPerRequest: 48_000, tokensPerText: 500 } },
  { host: /(^|\.)googleapis\.com$/u, limits: { itemsPerRequest: 100, tokensPerRequest: 20_000, tokensPerText: 2_048 } },
  { host: /(^|\.)mistral\.ai$/u, limits: { itemsPerRequest: 512, tokensPerRequest: 16_384, tokensPerText: 8_192 } },
];

/** Our tokens are estimates (see `estimateTokens`), so that much is left free below each limit of tokens. */
const margin = 0.15;

/** The limits for a service: what the user says, else what its provider documents, else what most servers take. */
export function limitsFor(baseUrl: URL, given: ServiceLimits = {}): CompleteLimits {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !(typeof value === "number" && value >= 1)) {
      throw new RangeError(`limits.${name}: expected a number from 1 on, got ${String(value)}`);
    }
  }
  const documented = providers.find(({ host }) => host.test(baseUrl.hostname))?.limits ?? {};
  const assumed = { ...common, ...documented };
  const below = (limit: number): number => Math.floor(limit * (1 - margin));
  return {
    ...assumed,
    tokensPerRequest: below(assumed.tokensPerRequest),
    tokensPerText: below(assumed.tokensPerText),
    contextTokens: below(assumed.contextTokens),
    ...given,
  };
}
