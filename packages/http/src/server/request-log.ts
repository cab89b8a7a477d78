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
