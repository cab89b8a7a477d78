import { suspend, type Wait } from "tsyncio";
import type { WebSocket } from "ws";

/**
 * Those who wait to send, while more is on its way than may be. They go on in the order of their coming, one after the
 * other: the next is let on when the one before has handed its message over, and there is still room.
 */
export class SendLine {
  private readonly socket: WebSocket;
  private readonly limit: number;
  private readonly waiting: Set<Wait<void>> = new Set();
  /** Whether somebody has been let on, and has not handed over yet. */
  private letOn = false;
  private ended = false;
  private readonly onFlushed = (): void => this.advance();

  constructor(socket: WebSocket, limit: number) {
    this.socket = socket;
    this.limit = limit;
  }

  /** Waits until it is the caller's turn; {@link send} must follow in the same turn of the loop. */
  async turn(): Promise<void> {
    const free = this.waiting.size === 0 && !this.letOn && !this.isFull();
    await suspend<void>("the peer to read", (wait) => {
      if (free) return void wait.resolve();
      this.waiting.add(wait);
      return () => void this.waiting.delete(wait);
    });
    this.letOn = false;
  }

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    this.socket.send(message, this.onFlushed);
    this.advance();
  }

  /** Lets everybody go: the connection is closed. */
  end(): void {
    this.ended = true;
    for (const wait of this.waiting) wait.resolve();
    this.waiting.clear();
  }

  private isFull(): boolean {
    return this.socket.bufferedAmount > this.limit && !this.ended;
  }

  private advance(): void {
    if (this.waiting.size === 0 || this.letOn || this.isFull()) return;
    for (const wait of this.waiting) {
      this.waiting.delete(wait);
      if (!wait.resolve()) continue;
      this.letOn = true;
      return;
    }
  }
}
