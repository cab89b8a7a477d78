import { RetryBudget } from "tsyncio/resilience";
import { checkCount } from "../shared/check.ts";
import { defaultRedirects, readRedirects } from "./call/redirect-rules.ts";
import type { RedirectRules } from "./call/redirect-rules.ts";
import { noRetries, readRetry, type RetryRules } from "./call/retry.ts";
import { defaultTimeouts, readTimeouts, type Timeouts } from "./call/timeouts.ts";
import type { CommonOptions } from "./options.ts";
import type { ReadingRules } from "./response/decoded-body.ts";

/** What can be said for a session and for a request, ready for use. */
export interface Policies {
  readonly timeouts: Timeouts;
  readonly redirects: RedirectRules;
  readonly retry: RetryRules;
  readonly raiseForStatus: boolean;
  readonly rules: ReadingRules;
}

const defaultExpansion = 250;

/** What applies to a session that says nothing. One budget for the session, whatever its requests say about retries. */
export function defaultPolicies(): Policies {
  return {
    timeouts: defaultTimeouts,
    redirects: defaultRedirects,
    retry: { ...noRetries, policy: { budget: new RetryBudget() } },
    raiseForStatus: false,
    rules: { decompress: true, maxExpansion: defaultExpansion, maxResponseSize: Number.POSITIVE_INFINITY },
  };
}

/** The options of a request that has none. */
export const nothingSaid: CommonOptions = Object.freeze({});

/** The policies that options describe, where `base` says what is not said. */
export function readPolicies(options: CommonOptions, base: Policies, what: string): Policies {
  if (options === nothingSaid) return base;
  const { rules } = base;
  return {
    timeouts: readTimeouts(options.timeout, base.timeouts, what),
    redirects: readRedirects(options.redirects, base.redirects, what),
    retry: readRetry(options.retry, base.retry, what),
    raiseForStatus: options.raiseForStatus ?? base.raiseForStatus,
    rules: {
      decompress: options.decompress ?? rules.decompress,
      maxExpansion: checkCount(options.maxExpansion ?? rules.maxExpansion, 1, `${what}: maxExpansion`),
      maxResponseSize: checkCount(options.maxResponseSize ?? rules.maxResponseSize, 0, `${what}: maxResponseSize`),
    },
  };
}
