import type { Socket } from "node:net";

/** A request that is under way on a connection. */
interface Passenger {
  /** The connection is gone. */
  connectionClosed(): void;
}

/**
 * A connection of a client, and what runs on it: one request as a rule, several if the client pipelines them.
 *
 * The error listener is there before anything else: a socket whose reset nobody hears would end the process.
 */
export class ClientConnection {
  readonly socket: Socket;
  /** Whether a request was refused so that the connection ends with it: what came behind it is not looked at. */
  refused = false;
  private readonly requests: Set<Passenger> = new Set();

  constructor(socket: Socket, onClose: () => void) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => {
      onClose();
      for (const request of this.requests) request.connectionClosed();
    });
  }

  add(request: Passenger): void {
    this.requests.add(request);
  }

  remove(request: Passenger): void {
    this.requests.delete(request);
  }

  get idle(): boolean {
    return this.requests.size === 0;
  }
}
