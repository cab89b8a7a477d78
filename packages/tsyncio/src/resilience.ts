/** What makes calls to unreliable services reliable: retries with a budget, and rate limits. */
export type { BackoffOptions } from "./resilience/backoff.ts";
export type { RateBudgetOptions } from "./resilience/rate-budget.ts";
export type { HeaderSource } from "./resilience/rate-limit-headers.ts";
export { type Cost, type Grant, RateLimiter, type RateLimiterStatistics } from "./resilience/rate-limiter.ts";
export { parseRetryAfter } from "./resilience/retry-after.ts";
export { RetryBudget, type RetryBudgetOptions } from "./resilience/retry-budget.ts";
export { attemptsOf, retry, type RetryEvent, type RetryPolicy } from "./resilience/retry.ts";
export {
  type AdaptiveLease,
  AdaptiveLimiter,
  type AdaptiveLimiterOptions,
  type AdaptiveLimiterStatistics,
} from "./resilience/adaptive-limiter.ts";
