import type { IncomingMessage, ServerResponse } from "node:http";
import type { Run, Task, TaskOptions } from "tsyncio";
import type { AcceptOptions } from "../websocket/accept.ts";
import type { WebSocketConnection } from "../websocket/connection.ts";
import type { OutgoingEventsOptions, OutgoingEvent } from "./event-stream.ts";

/**
 * What a handler gets beside the request. Hono finds it as `c.env`, and as `c.executionCtx` the part that it knows.
 *
 *     await serve(async (request, context) => {
 *       const order = await request.json();
 *       context.background(() => sendReceipt(order));
 *       return Response.json({ accepted: true }, { status: 202 });
 *     });
 */
export interface RequestContext {
  /** The client's address; undefined on Unix sockets. A proxy in front is the client. */
  readonly remoteAddress: string | undefined;
  /**
   * Set when the server begins to shut down: a long stream ends itself then, and requests that are short go on. Distinct
   * from the cancellation, which comes when the drain is over. Can stand in a `select`. A WebSocket whose handler looks at
   * this is left to the handler, which can say goodbye; all others are closed with 1001 by the server.
   */
  readonly shuttingDown: Run["stopping"];
  /** Node's request. */
  readonly incoming: IncomingMessage;
  /** Node's response, for what a web `Response` cannot say. */
  readonly outgoing: ServerResponse;
  /**
   * Starts a child of this request. The request is over when its children have ended: they are cancelled with it when
   * the client leaves, and one that fails fails the request.
   */
  createTask<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T>;
  /**
   * Starts work that outlives the request: neither its end nor the client's leaving touches it. The server owns it: it
   * goes on while the server drains, is cancelled when the last request has ended, and is awaited. What it throws goes
   * to the server's `onError`, and the task then yields undefined.
   */
  background<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T | undefined>;
  /** As {@link background}, for a promise: the shape that Hono and others call. */
  waitUntil(promise: PromiseLike<unknown>): void;
  /** Does nothing; part of the shape that Hono knows as its execution context, as is `props`. */
  passThroughOnException(): void;
  readonly props: unknown;
  /**
   * A response that streams server-sent events. The source runs as a child of the request: it is cancelled when the client
   * leaves, and left, with a proper end for the client, when the server shuts down. An event waits until the client has
   * taken the one before.
   *
   *     await serve((request, context) => context.events(follow(request.headers.get("last-event-id"))));
   */
  events(
    source: AsyncIterable<OutgoingEvent | string> | Iterable<OutgoingEvent | string>,
    options?: OutgoingEventsOptions,
  ): Response;
  /**
   * Turns the request into a WebSocket: answers the handshake, and resolves to the connection. It lives as long as the
   * handler, whose return value is ignored then; one that is open still is closed with 1000.
   *
   *     await serve(async (request, context) => {
   *       const socket = await context.upgrade();
   *       for await (const message of socket) await socket.send(message);
   *     });
   *
   * @throws WebSocketHandshakeError when the request is no (correct) WebSocket handshake: the client is told 426 or 400
   * if the handler lets it pass.
   */
  upgrade(options?: AcceptOptions): Promise<WebSocketConnection>;
  /**
   * As the other form, for handlers that return a `Response` through a framework: the handshake is answered, with the
   * headers of the response that comes out at last, when that is this one or any other with a status below 300; then
   * `body` runs in the request's task.
   */
  upgrade(body: (socket: WebSocketConnection) => unknown, options?: AcceptOptions): Response;
}

/** What answers requests: web-standard, as frameworks have it. Undefined is for requests that became WebSockets. */
export type Handler = (
  request: Request,
  context: RequestContext,
  executionContext: RequestContext,
) => Response | undefined | void | PromiseLike<Response | undefined | void>;
