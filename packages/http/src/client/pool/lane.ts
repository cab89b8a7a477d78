import type { Dispatcher } from "undici";

/** What a lane carries: one request and its answer, in undici's terms. */
export interface Freight extends Dispatcher.DispatchHandler {
  /** A connection is being made for it. */
  onConnecting(): void;
}

/**
 * The right to one request under a session's limits. It is given back only when undici has let go of everything that
 * belongs to the request, so the limits are never exceeded, not even for a moment.
 */
export interface Lane {
  readonly origin: string;
  /** Whether it has carried a request before, so that its peer may have closed it meanwhile. */
  readonly reused: boolean;
  /** Sends a request. Once for each time that the lane was granted. */
  dispatch(options: Dispatcher.DispatchOptions, handler: Freight): void;
  /** The handler has been told the end of its request; `whole` if that was the last byte of the answer. */
  finished(whole: boolean): void;
  /** Gives up a request for which undici has not provided a controller yet. */
  abandon(reason: Error): void;
  /** Closes what is open, however busy. */
  close(reason: Error): void;
}

/** What a lane tells the pool. */
export interface LaneEvents {
  /** It may carry the next request to the same origin. */
  idle(lane: Lane): void;
  /** It is closed, and no longer counts. */
  gone(lane: Lane): void;
}
