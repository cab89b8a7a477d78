import { createParser, type EventSourceParser } from "eventsource-parser";
import { ResponseTooLargeError } from "../errors.ts";
import type { ServerSentEvent } from "./server-sent-event.ts";

/** Makes events of bytes, over several connections: what was begun on one that broke off is dropped. */
export class EventParser {
  lastEventId: string;
  private readonly maxSize: number;
  private parser: EventSourceParser;
  private decoder = new TextDecoder();
  private events: ServerSentEvent[] = [];
  private retry: number | undefined;
  private tooLarge = false;

  constructor(maxSize: number, lastEventId: string) {
    this.maxSize = maxSize;
    this.lastEventId = lastEventId;
    this.parser = this.make();
  }

  /** A new connection begins. */
  begin(): void {
    this.parser = this.make();
    this.decoder = new TextDecoder();
  }

  /** The oldest event that nobody has taken. */
  take(): ServerSentEvent | undefined {
    return this.events.shift();
  }

  /** Takes bytes; returns the pause before reconnecting, in milliseconds, if they say one. */
  feed(bytes: Uint8Array): number | undefined {
    this.retry = undefined;
    this.parser.feed(this.decoder.decode(bytes, { stream: true }));
    if (!this.tooLarge) return this.retry;
    throw new ResponseTooLargeError(
      `events: an event is larger than ${this.maxSize} characters (maxEventSize)`,
      this.maxSize,
    );
  }

  private make(): EventSourceParser {
    return createParser({
      maxBufferSize: this.maxSize,
      onEvent: ({ event = "message", data, id }) => {
        // An identifier with a null character is ignored (HTML, 9.2.6).
        if (id !== undefined && !id.includes("\0")) this.lastEventId = id;
        this.events.push({ type: event === "" ? "message" : event, data, lastEventId: this.lastEventId });
      },
      onRetry: (retry) => {
        this.retry = retry;
      },
      onError: ({ type }) => {
        if (type === "max-buffer-size-exceeded") this.tooLarge = true;
      },
    });
  }
}
