import type { Dispatcher } from "undici";
import type { Freight, Lane, LaneEvents } from "../pool/lane.ts";

/** A request that goes through a dispatcher which the user brought, such as a `MockAgent` or a `ProxyAgent`. */
export class BorrowedLane implements Lane {
  readonly origin: string;
  readonly reused = false;
  private readonly dispatcher: Dispatcher;
  private readonly events: LaneEvents;
  private released = false;

  constructor(origin: string, dispatcher: Dispatcher, events: LaneEvents) {
    this.origin = origin;
    this.dispatcher = dispatcher;
    this.events = events;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Freight): void {
    // Whether it has to connect first, only the dispatcher knows.
    handler.onConnecting();
    this.dispatcher.dispatch({ ...options, origin: this.origin }, handler);
  }

  finished(): void {
    this.release();
  }

  /** Nothing: the handler says no as soon as the dispatcher starts it, and the lane counts until then. */
  abandon(): void {}

  /** Only lets go: what the dispatcher has open belongs to the user. */
  close(): void {
    this.release();
  }

  private release(): void {
    if (this.released) return;
    this.released = true;
    this.events.gone(this);
  }
}
