/** What calls of a service came to. */
export interface ServiceUsage {
  /** Requests that were sent, the repeated ones included. */
  readonly requests: number;
  /** Requests that were sent again, whatever the reason. */
  readonly retries: number;
  /** Requests that the service refused because it had too much to do: 429, 503, 529. */
  readonly overloads: number;
  /** As the service counts them, or estimated where it does not say. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Answers that were kept from before and not asked for again. */
  readonly kept: number;
}

/** Counts what calls come to. */
export class UsageMeter {
  requests = 0;
  retries = 0;
  overloads = 0;
  inputTokens = 0;
  outputTokens = 0;
  kept = 0;

  total(): ServiceUsage {
    const { requests, retries, overloads, inputTokens, outputTokens, kept } = this;
    return { requests, retries, overloads, inputTokens, outputTokens, kept };
  }
}
