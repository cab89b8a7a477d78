import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client that says what the test makes it say. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  private text = "";
  private readonly changed: Set<() => void> = new Set();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("error", () => {});
    socket.on("data", (chunk: string) => {
      this.text += chunk;
      this.notify();
    });
    for (const event of ["end", "close"]) socket.on(event, () => this.notify());
  }

  static async open(port: number, options: { readonly allowHalfOpen?: boolean } = {}): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", ...options });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** What has come so far. */
  get received(): string {
    return this.text;
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Waits until what has come contains a text. */
  async until(part: string): Promise<string> {
    while (!this.text.includes(part)) {
      if (this.socket.destroyed || this.socket.readableEnded) {
        throw new Error(`the connection ended before ${JSON.stringify(part)}; came: ${JSON.stringify(this.text)}`);
      }
      await this.change();
    }
    return this.text;
  }

  /** Waits until the server has closed the connection, and returns all that came. */
  async untilClosed(): Promise<string> {
    while (!this.socket.destroyed && !this.socket.readableEnded) await this.change();
    return this.text;
  }

  private notify(): void {
    for (const wake of this.changed) wake();
    this.changed.clear();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.changed.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }
}

/** Sends one text on a fresh connection, and returns all that comes until the server closes it. */
export async function exchange(port: number, text: string): Promise<string> {
  await using client = await RawClient.open(port);
  client.send(text);
  return await client.untilClosed();
}

/** The status line's number. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}
