import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import { inPlainContext } from "../../shared/plain-context.ts";
import type { Freight, Lane, LaneEvents } from "../pool/lane.ts";
import type { Connect } from "./connect.ts";
import type { Proxy, ProxyRules } from "./proxy-rules.ts";

/** How connections are made. */
export interface ConnectionSettings {
  readonly connect: Connect;
  readonly proxies: ProxyRules | null;
  /** How long an idle connection is kept, in milliseconds. */
  readonly keepAlive: number;
  /** How many requests a connection carries, and how old it may be, in milliseconds, when it takes one. */
  readonly maxRequests: number;
  readonly maxAge: number;
}

/**
 * One connection to one origin: an undici `Client`, which has one socket at most and, here, one request at most. An
 * `Agent` would have done, did it tell which socket belongs to which request before that has begun: a request that
 * is cancelled while its socket connects must take the socket along (nodejs/undici#386).
 *
 *     busy ──answered──▶ idle ──dispatch──▶ busy
 *      │                  │
 *      └──────────────────┴──close(), connection lost──▶ closing ──socket closed──▶ gone
 *
 * A connection that is lost while its request has not been started is made anew by the client, and stays busy.
 */
export class Connection implements Lane {
  readonly origin: string;
  private state: "busy" | "idle" | "closing" | "gone" = "busy";
  private carried: Freight | null = null;
  private requests = 0;
  private readonly settings: ConnectionSettings;
  private readonly born: number = performance.now();
  private readonly client: Client;
  private readonly events: LaneEvents;
  /** A proxy that reads the requests and passes them on, instead of a tunnel. */
  private readonly forwarder: Proxy | null;
  /** The socket, from before it is connected. */
  private socket: Socket | null = null;

  constructor(origin: string, settings: ConnectionSettings, events: LaneEvents) {
    this.origin = origin;
    this.events = events;
    this.settings = settings;
    const proxy = settings.proxies?.proxyFor(origin) ?? null;
    this.forwarder = proxy?.tunnels(origin.slice(0, origin.indexOf(":") + 1)) === false ? proxy : null;
    this.client = new Client(origin, {
      connect: (options, callback) => {
        this.carried?.onConnecting();
        this.socket = inPlainContext(settings.connect, options, callback);
      },
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: settings.keepAlive,
      // All of a request's timeouts are kept by its exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.client.on("drain", () => this.becomeIdle());
    this.client.on("disconnect", () => this.lost());
    this.client.on("connectionError", () => this.lost());
  }

  get reused(): boolean {
    return this.requests > 0;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Freight): void {
    this.state = "busy";
    this.carried = handler;
    this.client.dispatch(this.forwarder === null ? options : this.forwarded(options, this.forwarder), handler);
    // A request that undici refuses before it has begun leaves no event behind.
    if (!this.isCarrying()) this.close(new Error("the request was refused"));
  }

  private forwarded(options: Dispatcher.DispatchOptions, proxy: Proxy): Dispatcher.DispatchOptions {
    const headers = [...(options.headers as string[]), ...proxy.headers];
    return { ...options, path: this.origin + options.path, headers };
  }

  private isCarrying(): boolean {
    return this.carried !== null;
  }

  /**
   * After a whole answer, the next request can be handed over at once: the client sends it when it has tidied up, if
   * need be on a new socket. After anything else, the client has the word.
   */
  finished(whole: boolean): void {
    this.carried = null;
    this.requests += 1;
    if (whole) this.becomeIdle();
  }

  abandon(reason: Error): void {
    this.close(reason);
  }

  close(reason: Error): void {
    if (this.state === "closing" || this.state === "gone") return;
    this.state = "closing";
    // The client knows of its socket only when that is connected.
    const { socket } = this;
    let open = 1;
    const closed = (): void => {
      open -= 1;
      if (open === 0) this.vanish();
    };
    if (socket !== null && !socket.closed) {
      open += 1;
      socket.once("close", closed);
    }
    this.client.destroy(reason, closed);
    socket?.destroy(reason);
  }

  private becomeIdle(): void {
    if (this.state !== "busy" || this.carried !== null) return;
    const { maxRequests, maxAge } = this.settings;
    if (this.requests >= maxRequests || performance.now() - this.born >= maxAge) {
      this.close(new Error("the connection has done enough"));
      return;
    }
    this.state = "idle";
    this.events.idle(this);
  }

  private lost(): void {
    if (this.state === "closing" || this.state === "gone" || this.carried !== null) return;
    this.state = "closing";
    this.client.destroy(() => {});
    this.vanish();
  }

  private vanish(): void {
    this.state = "gone";
    this.events.gone(this);
  }
}
