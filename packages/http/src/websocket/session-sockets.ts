import type { Connect } from "../client/connect/connect.ts";
import type { CookieJar } from "../client/cookies/cookie-jar.ts";
import { SessionClosedError } from "../client/errors.ts";
import type { QueryInput } from "../client/request/query.ts";
import type { HeaderMap, HeadersInput } from "../shared/headers.ts";
import type { WebSocketConnection } from "./connection.ts";
import { dial } from "./dial.ts";
import { readWebSocketOptions, type WebSocketOptions } from "./options.ts";

/** Options of `session.ws`. */
export interface DialOptions extends WebSocketOptions {
  /** The subprotocols that the caller speaks, best first; `socket.protocol` tells on which the server agreed. */
  readonly protocols?: readonly string[];
  /** Headers for the handshake, over those of the session. */
  readonly headers?: HeadersInput;
  /** Query parameters for the URL, over those of the session. */
  readonly query?: QueryInput;
}

/** What a session knows of a WebSocket that it is to open. */
interface Target {
  readonly url: URL;
  readonly headers: HeaderMap;
  readonly connect: Connect;
  readonly cookies: CookieJar | null;
  /** How long connecting may take, in milliseconds. */
  readonly timeout: number;
}

/** The WebSockets of a session: closing it closes them. */
export class SessionSockets {
  private readonly open: Set<WebSocketConnection> = new Set();
  private closing = false;

  async dial(target: Target, options: DialOptions): Promise<WebSocketConnection> {
    const settings = readWebSocketOptions(options, ["protocols", "headers", "query"], "ws");
    const { cookies } = target;
    const url = new URL(target.url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const headers: Record<string, string | string[]> = Object.fromEntries(target.headers);
    const cookie = cookies?.header(target.url, target.headers.get("cookie"));
    if (cookie !== undefined) headers["cookie"] = cookie;
    const socket = await dial({
      url,
      headers,
      protocols: options.protocols ?? [],
      connect: target.connect,
      timeout: target.timeout,
      settings,
      answered: (set) => cookies?.receive(set, target.url),
    });
    if (this.closing) {
      socket.terminate();
      throw new SessionClosedError(`WebSocket ${url.href}`);
    }
    this.open.add(socket);
    socket.onClosed(() => this.open.delete(socket));
    return socket;
  }

  /** Closes all with 1001, and waits until they are. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.open].map((socket) => socket.close(1001, "the session is closed")));
  }
}

/** A WebSocket's URL as one of HTTP, which is what a session resolves. */
export function asHttpUrl(url: string | URL): string | URL {
  const text = String(url);
  return /^wss?:/i.test(text) ? text.replace(/^ws/i, "http") : url;
}
