import type { ServerResponse } from "node:http";
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
  /** The answer that is the last to leave: Node sends them in the order of their requests. */
  private lastAnswer: ServerResponse | null = null;

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

  /** An answer that Node will send on the socket, when those before it have left. */
  willCarry(answer: ServerResponse): void {
    this.lastAnswer = answer;
  }

  /**
   * Whether everything that came so far is answered and the answers have left. Before, the socket is Node's: what
   * somebody else writes would stand amid an answer.
   */
  get handedOver(): boolean {
    const { lastAnswer } = this;
    return lastAnswer === null || (lastAnswer.writableFinished && lastAnswer.socket === null);
  }

  /**
   * Ends a connection of which Node has let go too early: after the answers that are complete, and at once if one is
   * still being made, since nobody would hear any more that the client takes it.
   */
  breakOff(): void {
    if (this.idle) this.lastAnswer?.once("finish", () => this.socket.destroySoon());
    else this.socket.destroy();
  }
}
