import type { IncomingMessage } from "node:http";
import { describeValue } from "../shared/describe-value.ts";

/** What is logged of a request, once it is over. */
export interface RequestLogEntry {
  /** When the request came, as an ISO date. */
  readonly time: string;
  readonly method: string;
  /** The path, without the query, which may hold secrets. */
  readonly path: string;
  /** The status that was sent; 499 if the client had left before. */
  readonly status: number;
  /** From the request's head to the last byte of the answer, in milliseconds. */
  readonly duration: number;
  /** The client's address; absent on Unix sockets. */
  readonly client?: string;
  /** What went wrong, in words. */
  readonly error?: string;
}

/** A request that is over. */
interface Ended {
  readonly incoming: IncomingMessage;
  readonly path: string;
  readonly status: number;
  /** When it came, by `performance.now()`. */
  readonly since: number;
  /** What went wrong; undefined if nothing did. */
  readonly failed: unknown;
}

/** What is to be logged of a request that is over. */
export function logEntryOf({ incoming, path, status, since, failed }: Ended): RequestLogEntry {
  const { remoteAddress } = incoming.socket;
  return {
    time: new Date(performance.timeOrigin + since).toISOString(),
    method: incoming.method as string,
    path,
    status,
    duration: Math.round((performance.now() - since) * 1000) / 1000,
    ...(remoteAddress === undefined ? {} : { client: remoteAddress }),
    ...(failed === undefined ? {} : { error: inWords(failed) }),
  };
}

function inWords(failure: unknown): string {
  return failure instanceof Error ? `${failure.name}: ${failure.message}` : describeValue(failure);
}
