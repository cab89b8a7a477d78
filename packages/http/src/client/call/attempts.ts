import { cancelScope, toMilliseconds } from "tsyncio";
import { parseRetryAfter, retry } from "tsyncio/resilience";
import { ConnectionError } from "../errors.ts";
import type { ResponseHead } from "../response/response-head.ts";
import type { Exchange } from "./exchange.ts";
import { firstHeader } from "../../shared/headers.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Hop } from "./redirect.ts";
import { isTemporary, type RetryRules } from "./retry.ts";

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

/** What a hop's attempts are made of. */
export interface Sender {
  /** Makes a fresh exchange, and lets the lifetime stop it. */
  open(): Exchange;
  /** Called for each answer, also for one that is not the last. */
  answered(head: ResponseHead): void;
  /** Called before another attempt; the reason is an error, or a status. */
  again(reason: unknown, attempt: number, delay: number, staleConnection: boolean): void;
}

/**
 * Sends one hop, as often as the rules allow. The last answer or failure is the outcome. A server that asks, by
 * `Retry-After`, for a longer pause than `maxDelay` is not asked again: its answer stands.
 */
export function attempt(hop: Hop, rules: RetryRules, lifetime: Lifetime, sender: Sender): Promise<Answer> {
  // A request with such a key is recognised by its server when it comes again.
  const harmless = rules.methods.has(hop.method) || hop.headers.has("idempotency-key");
  if (!harmless || !hop.body.replayable) return sendOnce(sender);
  if (rules.attempts === 1) return sendPastStale(rules, sender);
  return repeatWhileAlive(rules, lifetime, sender);
}

async function repeatWhileAlive(rules: RetryRules, lifetime: Lifetime, sender: Sender): Promise<Answer> {
  // The lifetime may be over during a pause, which is none of its own waits.
  const outcome = await cancelScope(async (scope) => {
    try {
      return await repeat(rules, sender, () => lifetime.stopWith((reason) => void scope.cancel(reason)));
    } catch (error) {
      if (error instanceof TemporaryAnswer) return error.answer;
      throw error;
    }
  });
  if (lifetime.failure !== null) throw lifetime.failure;
  return outcome as Answer;
}

function repeat(rules: RetryRules, sender: Sender, pausing: () => void): Promise<Answer> {
  const maxDelay = rules.policy.maxDelay ?? defaultMaxDelay;
  const longest = toMilliseconds(maxDelay, "retry.maxDelay");
  return retry(
    async () => {
      const answer = await sendPastStale(rules, sender);
      if (!rules.statuses.has(answer.head.status)) return answer;
      const asked = parseRetryAfter(firstHeader(answer.head.headers, "retry-after"));
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
      onRetry: ({ error, attempt: number, delay }) => {
        if (error instanceof TemporaryAnswer) error.answer.exchange.discard();
        sender.again(error instanceof TemporaryAnswer ? error.answer.head.status : error, number, delay, false);
        pausing();
      },
    },
  );
}

/**
 * Sends the request; if it meets a connection that its peer had closed in the meantime (it was used before, and not a
 * byte of an answer came), once more, on another connection. That is no retry: the peer never refused the request.
 */
async function sendPastStale(rules: RetryRules, sender: Sender): Promise<Answer> {
  const exchange = sender.open();
  try {
    const head = await exchange.begin();
    sender.answered(head);
    return { exchange, head };
  } catch (error) {
    const stale = error instanceof ConnectionError && exchange.reused && !exchange.answered;
    if (!stale || !rules.staleConnection) throw error;
    sender.again(error, 1, 0, true);
    return sendOnce(sender);
  }
}

async function sendOnce(sender: Sender): Promise<Answer> {
  const exchange = sender.open();
  const head = await exchange.begin();
  sender.answered(head);
  return { exchange, head };
}
