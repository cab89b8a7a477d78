/** What makes calls to unreliable services reliable: retries with a budget, and rate limits. */
export type { BackoffOptions } from "./resilience/backoff.ts";
export { RetryBudget, type RetryBudgetOptions } from "./resilience/retry-budget.ts";
export { attemptsOf, retry, type RetryEvent, type RetryPolicy } from "./resilience/retry.ts";
