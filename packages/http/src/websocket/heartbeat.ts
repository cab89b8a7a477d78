import type { WebSocket } from "ws";
import { Timer } from "../shared/timer.ts";

/**
 * Pings the peer, and cuts the connection when a ping was not answered until it is time for the next: a peer whose
 * machine or network has gone says nothing, and TCP would wait for hours. Anything that comes from the peer counts as
 * an answer. While this side has paused the socket, an answer could not be read, so none is missed.
 */
export class Heartbeat {
  /** Why it cut the connection. */
  failure: Error | undefined = undefined;
  private readonly socket: WebSocket;
  private readonly interval: number;
  private readonly isPaused: () => boolean;
  private readonly timer: Timer = new Timer();
  private answered = true;

  constructor(socket: WebSocket, interval: number, isPaused: () => boolean) {
    this.socket = socket;
    this.interval = interval;
    this.isPaused = isPaused;
    const alive = (): void => {
      this.answered = true;
    };
    socket.on("pong", alive).on("ping", alive).on("message", alive);
    this.arm();
  }

  stop(): void {
    this.timer.clear();
  }

  private arm(): void {
    this.timer.set(this.interval, () => this.beat());
  }

  private beat(): void {
    const { socket } = this;
    if (!this.isPaused()) {
      if (!this.answered) {
        this.failure = new Error(`no pong within ${this.interval} ms`);
        socket.terminate();
        return;
      }
      this.answered = false;
      if (socket.readyState === socket.OPEN) socket.ping(() => {});
    }
    this.arm();
  }
}
