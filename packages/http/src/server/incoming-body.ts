import type { IncomingMessage } from "node:http";
import { Timer } from "../shared/timer.ts";
import { ClientDisconnected, RequestTooLargeError } from "./errors.ts";

/** How long the rest of a body that nobody has read is taken in and dropped, in milliseconds. */
const restTime = 500;

/**
 * The body of a request as a web stream. It is pulled only as it is read, so a client that sends faster than the handler
 * reads is held back. When the request is cancelled, a read that waits fails with the reason.
 */
export class IncomingBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  private readonly incoming: IncomingMessage;
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(incoming: IncomingMessage, limit: number) {
    this.incoming = incoming;
    let size = 0;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> => {
      const chunk = await this.next();
      if (chunk === null) return controller.close();
      size += chunk.byteLength;
      if (size > limit) throw new RequestTooLargeError(limit);
      return controller.enqueue(chunk);
    };
    this.stream = new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  /** Ends the body with an error, unless it is over. */
  fail(reason: Error): void {
    this.failure = reason;
    this.wake?.();
  }

  private async next(): Promise<Buffer<ArrayBuffer> | null> {
    const { incoming } = this;
    for (;;) {
      if (this.failure !== null) throw this.failure;
      const chunk = incoming.read() as Buffer<ArrayBuffer> | null;
      if (chunk !== null) return chunk;
      if (incoming.readableEnded) return null;
      if (incoming.destroyed) throw new ClientDisconnected(`${incoming.method} ${incoming.url}`);
      await this.change();
    }
  }

  private change(): Promise<void> {
    const { incoming } = this;
    return new Promise((resolve) => {
      const changed = (): void => {
        this.wake = null;
        for (const name of changes) incoming.off(name, changed);
        resolve();
      };
      this.wake = changed;
      for (const name of changes) incoming.on(name, changed);
    });
  }
}

const changes = ["readable", "end", "close", "error"] as const;

/**
 * Takes in and drops what a handler has left unread of a body, so that the connection can serve the next request; after
 * {@link restTime} the connection is cut. Cutting it at once could cost a client that still sends the answer it got.
 */
export function dropRest(incoming: IncomingMessage): void {
  if (incoming.complete) {
    incoming.resume();
    return;
  }
  const timer = new Timer();
  timer.set(restTime, () => {
    if (!incoming.complete) incoming.socket.destroy();
  });
  const over = (): void => timer.clear();
  incoming.once("end", over).once("close", over).resume();
}
