import { cancelScope, toMilliseconds } from "tsyncio";
import { retry } from "tsyncio/resilience";
import { ConnectionError } from "../errors.ts";
import type { Exchange, ResponseHead } from "./exchange.ts";
import { firstHeader } from "../../shared/headers.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Hop } from "./redirect.ts";
import { isTemporary, parseRetryAfter, type RetryRules } from "./retry.ts";

/** An exchange whose answer has begun. */
export interface Answer {
  readonly exchange: Exchange;
  readonly head: ResponseHead;
}

/** The longest pause between two attempts, unless the options say otherwise. A server that asks for more is obeyed. */
const defaultMaxDelay = "30s";

/** An answer with which the request may not be over. Thrown and caught in here. */
class TemporaryAnswer extends Error {
  readonly answer: Answer;
  readonly asked: number | undefined;

  constructor(answer: Answer, asked: number | undefined) {
    super(`status ${answer.head.status}`);
    this.answer = answer;
    this.asked = asked;
  }
}

/**
 * Sends one hop, as often as the rules allow. The last answer or failure is the outcome. A server that asks, by
 * `Retry-After`, for a longer pause than `maxDelay` is not asked again: its answer stands.
 *
 * @param open Makes a fresh exchange and lets the lifetime stop it.
 */
export async function attempt(hop: Hop, rules: RetryRules, lifetime: Lifetime, open: () => Exchange): Promise<Answer> {
  const repeatable = hop.body.replayable && rules.methods.has(hop.method);
  if (!repeatable) return sendOnce(open);
  if (rules.attempts === 1) return sendPastStale(open);
  // The lifetime may be over during a pause, which is none of its own waits.
  const outcome = await cancelScope(async (scope) => {
    try {
      return await repeat(rules, open, () => lifetime.stopWith((reason) => void scope.cancel(reason)));
    } catch (error) {
      if (error instanceof TemporaryAnswer) return error.answer;
      throw error;
    }
  });
  if (lifetime.failure !== null) throw lifetime.failure;
  return outcome as Answer;
}

function repeat(rules: RetryRules, open: () => Exchange, pausing: () => void): Promise<Answer> {
  const maxDelay = rules.policy.maxDelay ?? defaultMaxDelay;
  const longest = toMilliseconds(maxDelay, "retry.maxDelay");
  return retry(
    async () => {
      const answer = await sendPastStale(open);
      if (!rules.statuses.has(answer.head.status)) return answer;
      const asked = parseRetryAfter(firstHeader(answer.head.headers, "retry-after"), Date.now());
      if (asked !== undefined && asked > longest) return answer;
      throw new TemporaryAnswer(answer, asked);
    },
    {
      ...rules.policy,
      attempts: rules.attempts,
      maxDelay,
      maxRetryAfter: maxDelay,
      retryIf: (error) => error instanceof TemporaryAnswer || isTemporary(error),
      retryAfter: (error) => (error instanceof TemporaryAnswer ? error.asked : undefined),
      onRetry: ({ error }) => {
        if (error instanceof TemporaryAnswer) error.answer.exchange.discard();
        pausing();
      },
    },
  );
}

/**
 * Sends the request; if it meets a connection that its peer had closed in the meantime (it was used before, and not a
 * byte of an answer came), once more, on another connection. That is no retry: the peer never refused the request.
 */
async function sendPastStale(open: () => Exchange): Promise<Answer> {
  const exchange = open();
  try {
    return { exchange, head: await exchange.begin() };
  } catch (error) {
    if (error instanceof ConnectionError && exchange.reused && !exchange.answered) return sendOnce(open);
    throw error;
  }
}

async function sendOnce(open: () => Exchange): Promise<Answer> {
  const exchange = open();
  return { exchange, head: await exchange.begin() };
}
