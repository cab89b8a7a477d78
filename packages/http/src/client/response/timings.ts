/**
 * How long the phases of the exchange took that led to a response, in milliseconds. Earlier attempts and redirects are
 * not in it.
 */
export interface Timings {
  /** Waiting for a connection under the session's limits. */
  readonly acquire: number;
  /** Name look-up, TCP and TLS; 0 on a connection that was there already. */
  readonly connect: number;
  /** Writing the request. */
  readonly send: number;
  /** From the last byte sent to the head of the answer. */
  readonly headers: number;
  /** From the head to the last byte of the body; undefined while that is still to come. */
  readonly body: number | undefined;
}
