import { type Duration, shield, suspend, timeout, type Wait } from "tsyncio";
import type { RawData, WebSocket } from "ws";
import { describeValue } from "../shared/describe-value.ts";
import { inPlainContext } from "../shared/plain-context.ts";
import { Timer } from "../shared/timer.ts";
import { WebSocketClosedError } from "./errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { WebSocketSettings } from "./options.ts";
import { SendLine } from "./send-line.ts";

/** A message: text as a string, bytes as bytes. */
export type WebSocketMessage = string | Uint8Array<ArrayBuffer>;

/** How a connection ended. */
export interface WebSocketClosing {
  /** 1000 for a normal end; 1006 if the connection broke. */
  readonly code: number;
  readonly reason: string;
}

/**
 * One end of a WebSocket, the same on both sides.
 *
 *     await using socket = await session.ws("wss://example.com/feed");
 *     await socket.send("subscribe");
 *     for await (const message of socket) console.log(message);
 *
 * Both directions are bounded. Messages that nobody receives make the socket pause, so the peer is held back; `send`
 * waits while too much is on its way. Iterating ends when the connection is closed, by whichever side and however;
 * {@link closing} tells how.
 *
 *     open ──close(), or the peer's close frame──▶ closing ──handshake, closeTimeout──▶ closed
 *       └──broken, missed pong, message too large──────────────────────────────────────▶ closed
 *
 * It belongs to whoever holds it, not to a scope: use `await using`. On the server it is closed with its handler.
 */
export class WebSocketConnection implements AsyncDisposable, AsyncIterable<WebSocketMessage> {
  private readonly socket: WebSocket;
  private readonly settings: WebSocketSettings;
  private readonly heartbeat: Heartbeat;
  /** Received, and not yet asked for. */
  private readonly received: WebSocketMessage[] = [];
  private readonly receivers: Set<Wait<WebSocketMessage | null>> = new Set();
  private readonly sendLine: SendLine;
  private readonly closers: Set<Wait<void>> = new Set();
  private paused = false;
  private end: WebSocketClosing | null = null;
  private failure: unknown = undefined;
  /** Whether the one who holds this has met the end. */
  private endSeen = false;
  private closedCallback: ((seen: boolean) => void) | null = null;

  /** @internal */
  constructor(socket: WebSocket, settings: WebSocketSettings) {
    this.socket = socket;
    this.settings = settings;
    socket.binaryType = "nodebuffer";
    socket.on("error", (error) => {
      this.failure = error;
    });
    socket.on("message", (data, binary) => this.take(data, binary));
    socket.on("close", (code, reason) => this.closed(code, reason.toString()));
    this.sendLine = new SendLine(socket, settings.sendBuffer);
    this.heartbeat = new Heartbeat(socket, settings.heartbeat, () => this.paused);
  }

  /** The subprotocol on which the two sides have agreed; empty for none. */
  get protocol(): string {
    return this.socket.protocol;
  }

  /** How it ended; null while it is open. */
  get closing(): WebSocketClosing | null {
    return this.end;
  }

  /** Bytes that are on their way to the peer and have not left this process. */
  get bufferedAmount(): number {
    return this.socket.bufferedAmount;
  }

  /**
   * Sends a message. Waits, in order, while more than `sendBuffer` bytes are on their way, so a peer that does not
   * read holds the sender back. A send that is cancelled has sent nothing. That it resolves says that the message has
   * been handed over, not that it has arrived.
   * @throws WebSocketClosedError when the connection is closed, before or meanwhile.
   */
  async send(message: string | ArrayBuffer | ArrayBufferView): Promise<void> {
    checkMessage(message);
    this.throwIfClosed();
    await this.sendLine.turn();
    this.throwIfClosed();
    this.sendLine.send(message);
  }

  /**
   * The next message. Waits for it; a receive that is cancelled or times out leaves the message to the next one.
   * @throws WebSocketClosedError when the connection is closed and everything received has been taken; TimeoutError.
   */
  async receive(options: { readonly timeout?: Duration } = {}): Promise<WebSocketMessage> {
    const message = await (options.timeout === undefined ? this.next() : timeout(options.timeout, () => this.next()));
    if (message === null) throw this.closedError();
    return message;
  }

  /**
   * Closes the connection: tells the peer, and waits until it has answered. Shielded from cancellation, and over after
   * `closeTimeout` at the latest: then the connection is cut. What was received and not taken can be taken still.
   * Does nothing more on one that is closed.
   * @param code 1000 (a normal end), another registered one such as 1001 (going away), or one from 3000 to 4999.
   */
  async close(code = 1000, reason = ""): Promise<void> {
    checkClose(code, reason);
    this.endSeen = true;
    if (this.end !== null) return;
    this.beginClosing(code, reason);
    const timer = new Timer();
    timer.set(this.settings.closeTimeout, () => this.socket.terminate());
    try {
      await shield(() => this.untilClosed(), { grace: Infinity });
    } finally {
      timer.clear();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Yields messages until the connection is closed. Leaving the loop early leaves the connection open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, undefined> {
    for (let message = await this.next(); message !== null; message = await this.next()) yield message;
  }

  /** Sends the close frame, and goes on receiving: the peer's answer comes behind what it has sent. @internal */
  beginClosing(code: number, reason: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.close(code, reason);
    this.resume();
  }

  /** Cuts the connection without a word. @internal */
  terminate(): void {
    this.socket.terminate();
  }

  /** Calls back when the connection is closed, with whether its holder knows; later, if it does not notice. @internal */
  onClosed(callback: (seen: boolean) => void): void {
    this.closedCallback = callback;
  }

  private async next(): Promise<WebSocketMessage | null> {
    const message = await suspend<WebSocketMessage | null>("a message", (wait) => {
      const { received } = this;
      if (received.length > 0) return void wait.resolve(received.shift() as WebSocketMessage);
      if (this.end !== null) return void wait.resolve(null);
      this.receivers.add(wait);
      return () => void this.receivers.delete(wait);
    });
    if (message === null) this.endSeen = true;
    if (this.paused && this.received.length * 2 <= this.settings.receiveQueue) this.resume();
    return message;
  }

  private take(data: RawData, binary: boolean): void {
    const bytes = data as Buffer<ArrayBuffer>;
    const message = binary ? bytes : bytes.toString();
    for (const receiver of this.receivers) {
      this.receivers.delete(receiver);
      if (receiver.resolve(message)) return;
    }
    this.received.push(message);
    const closing = this.socket.readyState !== this.socket.OPEN;
    if (this.paused || closing || this.received.length < this.settings.receiveQueue) return;
    this.paused = true;
    this.socket.pause();
  }

  private resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.socket.resume();
  }

  private async untilClosed(): Promise<void> {
    if (this.end !== null) return;
    await suspend<void>("the closing handshake", (wait) => {
      this.closers.add(wait);
      return () => void this.closers.delete(wait);
    });
  }

  private closed(code: number, reason: string): void {
    this.heartbeat.stop();
    this.end = { code, reason };
    this.endSeen ||= this.receivers.size > 0;
    for (const receiver of this.receivers) receiver.resolve(null);
    this.receivers.clear();
    this.sendLine.end();
    for (const wait of this.closers) wait.resolve();
    this.closers.clear();
    const { closedCallback } = this;
    if (closedCallback === null) return;
    if (this.endSeen) closedCallback(true);
    else inPlainContext(setTimeout, () => closedCallback(this.endSeen), this.settings.closeTimeout).unref();
  }

  private throwIfClosed(): void {
    if (this.end === null && this.socket.readyState === this.socket.OPEN) return;
    this.endSeen = true;
    throw this.closedError();
  }

  private closedError(): WebSocketClosedError {
    const { code, reason } = this.end ?? { code: 1000, reason: "it is being closed" };
    return new WebSocketClosedError(code, reason, this.heartbeat.failure ?? this.failure);
  }
}

function checkMessage(message: unknown): void {
  if (typeof message === "string" || message instanceof ArrayBuffer || ArrayBuffer.isView(message)) return;
  throw new TypeError(`send: expected a string or bytes, got ${describeValue(message)}; JSON.stringify makes a string`);
}

/** The codes of the protocol that a peer may be told; the others say that there was none. */
const registered: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
]);

function checkClose(code: number, reason: string): void {
  const known = registered.has(code) || (Number.isInteger(code) && code >= 3000 && code <= 4999);
  if (!known) {
    throw new RangeError(`close: expected a code such as 1000, or from 3000 to 4999, got ${describeValue(code)}`);
  }
  if (Buffer.byteLength(reason) > 123) throw new RangeError("close: expected a reason of at most 123 bytes");
}
