import { type IncomingMessage, ServerResponse } from "node:http";
import { InvalidStateError, type Task, type TaskOptions, throwIfCancelled } from "tsyncio";
import { guarded } from "../shared/guarded.ts";
import { Timer } from "../shared/timer.ts";
import { accept, type AcceptOptions, refusalOf } from "../websocket/accept.ts";
import type { WebSocketConnection } from "../websocket/connection.ts";
import { WebSocketClosedError } from "../websocket/errors.ts";
import type { ClientConnection } from "./client-connection.ts";
import { ClientDisconnected, HandlerTimeoutError, RequestTooLargeError } from "./errors.ts";
import { eventStream, type OutgoingEventsOptions, type OutgoingEvent } from "./event-stream.ts";
import { dropRest, IncomingBody } from "./incoming-body.ts";
import { carriesBody, IncomingRequest } from "./incoming-request.ts";
import { answerPlainly } from "./plain-answer.ts";
import type { RequestContext } from "./request-context.ts";
import { RequestChildren } from "./request-children.ts";
import { type RequestHead, urlOf } from "./request-head.ts";
import { logEntryOf } from "./request-log.ts";
import { checkResponse, flushed, sendResponse } from "./send-response.ts";
import type { ServerCore } from "./server-core.ts";

/** How a request came. */
export interface Arrival {
  readonly incoming: IncomingMessage;
  /** Null for one that asks to become something else than HTTP: then Node has let go of its socket. */
  readonly outgoing: ServerResponse | null;
  /** What came behind the head of such a request. */
  readonly rest?: Buffer;
  /** What the client waits for before it sends the body. */
  readonly expects?: "100-continue" | "something else";
}

/**
 * One request, from its head to the last byte of the answer: a task of the server's group.
 *
 *     handling ──response──▶ answering ──▶ over
 *        │  └──upgrade()──▶ upgraded ──────▶ over
 *        ├──handlerTimeout──▶ abandoned ────▶ over     503 is sent; what the handler does counts no more
 *        └──client leaves───▶ gone ─────────▶ over     also from answering
 *
 * A handler that is cancelled (client gone, timeout, shutdown, a child that failed) is waited for; a value that it
 * returns all the same is sent, if there is still somebody to send it to.
 */
export class ActiveRequest implements RequestContext {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  private readonly core: ServerCore;
  private readonly connection: ClientConnection;
  private readonly head: RequestHead;
  private readonly arrival: Arrival;
  private state: "handling" | "answering" | "upgraded" | "abandoned" | "gone" | "over" = "handling";
  private readonly since: number;
  private request: Request | null = null;
  private body: IncomingBody | null = null;
  private task: Task<void> | null = null;
  private timer: Timer | null = null;
  private reason: Error | null = null;
  private controller: AbortController | null = null;
  private children: RequestChildren | null = null;
  private childFailure: { readonly error: unknown } | null = null;
  private socket: WebSocketConnection | null = null;
  private pendingUpgrade: {
    readonly body: (socket: WebSocketConnection) => unknown;
    readonly options: AcceptOptions;
  } | null = null;
  private failed: unknown = undefined;
  /** Whether the handler wants to know of the shutdown, and so sees to its WebSocket itself. */
  private watchesShutdown = false;

  constructor(core: ServerCore, connection: ClientConnection, arrival: Arrival, head: RequestHead) {
    this.core = core;
    this.connection = connection;
    this.arrival = arrival;
    this.incoming = arrival.incoming;
    this.outgoing = arrival.outgoing ?? new ServerResponse(arrival.incoming);
    this.head = head;
    this.since = core.settings.log === null ? 0 : performance.now();
  }

  get remoteAddress(): string | undefined {
    return this.incoming.socket.remoteAddress;
  }

  get shuttingDown(): RequestContext["shuttingDown"] {
    this.watchesShutdown = true;
    return this.core.shuttingDown;
  }

  /** Aborts when the request is cancelled; made when somebody looks at it. */
  get abortSignal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.reason !== null) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** The method and the path, without the query, which may hold secrets. */
  get label(): string {
    return `${this.incoming.method} ${this.path}`;
  }

  private get path(): string {
    const url = this.incoming.url as string;
    const end = url.indexOf("?");
    return end === -1 ? url : url.slice(0, end);
  }

  private get upgrading(): boolean {
    return this.arrival.outgoing === null;
  }

  /** Refuses the request, or starts its task. Runs in the empty async context. */
  start(): void {
    const { core, head, incoming } = this;
    const { expects } = this.arrival;
    this.connection.add(this);
    core.requests.add();
    core.active.add(this);
    if (head.refusal !== 0) return this.refuse(head.refusal, true);
    if (expects === "something else") return this.refuse(417, true);
    const url = urlOf(incoming, head.host, core.secure);
    if (url === null) return this.refuse(400, true);
    const target = head.hasBody ? URL.parse(url) : null;
    if (head.hasBody && target === null) return this.refuse(400, true);
    const limit = target === null ? 0 : this.bodyLimit(target);
    if (limit === null) return this.refuse(500, expects !== undefined);
    if (head.length !== null && head.length > limit) return this.refuse(413, expects !== undefined);
    if (carriesBody(incoming.method as string, head)) this.body = new IncomingBody(incoming, limit);
    const request = this.webRequest(url, this.body);
    if (request === null) return this.refuse(400, true);
    this.request = request;
    if (expects !== undefined) this.outgoing.writeContinue();
    const { handlerTimeout } = core.settings;
    if (handlerTimeout < Infinity) {
      this.timer = new Timer();
      this.timer.set(handlerTimeout, () => this.timedOut(handlerTimeout));
    }
    const task = core.group.createTask(() => this.run(request), { name: this.label });
    this.task = task;
    // What ended at once may have been cancelled at once.
    if (this.reason !== null) task.cancel(this.reason);
  }

  /** How large the body may be; null if the function that was to say it has failed. */
  private bodyLimit(target: URL): number | null {
    try {
      return this.core.settings.maxBodySize(this.incoming.method as string, target.pathname);
    } catch (error) {
      this.failed = error;
      this.core.report(error, this.webRequest(target.href, null));
      return null;
    }
  }

  private webRequest(url: string, body: IncomingBody | null): Request | null {
    try {
      return new IncomingRequest(this.incoming, url, body?.stream ?? null, this);
    } catch {
      return null;
    }
  }

  private refuse(status: number, close: boolean): void {
    this.connection.refused = close;
    this.answerPlainly(status, close);
    this.end();
  }

  private async run(request: Request): Promise<void> {
    try {
      const response = await this.core.handler(request, this, this);
      this.timer?.clear();
      await this.answer(response);
      if (this.children !== null) await this.children.ended();
      if (this.childFailure !== null) throw this.childFailure.error;
    } catch (error) {
      const cancelled = isInForce(error);
      await this.fail(error, cancelled && this.childFailure === null);
      if (cancelled) throw error;
    } finally {
      this.end();
    }
  }

  private async answer(response: Response | undefined | void): Promise<void> {
    if (this.pendingUpgrade !== null && this.state === "handling" && (response?.status ?? 200) < 300) {
      const { body, options } = this.pendingUpgrade;
      await body(this.acceptUpgrade(options, response?.headers));
    }
    if (this.socket !== null) return this.socket.close(1000);
    const { outgoing } = this;
    if (this.state !== "handling") {
      response?.body?.cancel().catch(() => {});
    } else if (outgoing.headersSent || response?.headers.has("x-hono-already-sent") === true) {
      await flushed(outgoing, this.core.settings.sendTimeout);
    } else {
      this.state = "answering";
      await this.send(checkResponse(response));
    }
  }

  private async send(response: Response): Promise<void> {
    const rules = {
      close: () => this.upgrading || this.core.stopping,
      sendTimeout: this.core.settings.sendTimeout,
    };
    if (!this.upgrading) return sendResponse(this.outgoing, response, rules);
    // Node has let go of the socket, and nobody tells the answer when it drains: it is sent in one piece.
    const whole = response.body === null ? response : new Response(await response.arrayBuffer(), response);
    this.takeSocketBack();
    await sendResponse(this.outgoing, whole, rules);
    this.connection.socket.destroySoon();
  }

  /** Tells the client what went wrong, if that is still possible. */
  private async fail(error: unknown, cancelled: boolean): Promise<void> {
    this.timer?.clear();
    const { outgoing } = this;
    this.children?.cancel("the request has failed");
    const failure = this.childFailure === null ? error : this.childFailure.error;
    this.failed ??= failure;
    const tooLarge = failure instanceof RequestTooLargeError;
    if (!cancelled && !tooLarge && refusalOf(failure) === null && !this.isOfClient(failure)) {
      this.core.report(failure, this.request);
    }
    if (this.socket !== null) {
      await this.socket.close(cancelled ? 1001 : 1011, cancelled ? "the server shuts down" : "");
    } else if (this.state === "gone" || this.state === "abandoned") {
      return;
    } else if (outgoing.headersSent) {
      this.state = "over";
      this.connection.socket.destroy();
    } else if (refusalOf(failure) !== null) {
      this.answerPlainly(refusalOf(failure) as number, true);
    } else if (cancelled) {
      this.answerPlainly(503, true);
    } else {
      this.answerPlainly(tooLarge ? 413 : 500, false);
    }
  }

  /** Whether a failure only says that the client has left. */
  private isOfClient(failure: unknown): boolean {
    if (this.socket !== null) return failure instanceof WebSocketClosedError;
    return this.state === "gone" && failure instanceof ClientDisconnected;
  }

  private answerPlainly(status: number, close: boolean): void {
    const { outgoing, upgrading } = this;
    if (upgrading) this.takeSocketBack();
    answerPlainly(outgoing, status, close || upgrading || this.core.stopping);
    if (upgrading) this.connection.socket.destroySoon();
  }

  private takeSocketBack(): void {
    if (this.outgoing.socket !== null) return;
    this.outgoing.shouldKeepAlive = false;
    this.outgoing.assignSocket(this.connection.socket);
  }

  private timedOut(limit: number): void {
    if (this.state !== "handling" || this.socket !== null) return;
    const error = new HandlerTimeoutError(this.label, limit);
    this.failed = error;
    if (!this.outgoing.headersSent) this.answerPlainly(503, true);
    this.state = "abandoned";
    this.core.report(error, this.request);
    this.cancel(error);
  }

  /** Closes a WebSocket whose handler does not know that the server shuts down. */
  endSocket(): void {
    if (!this.watchesShutdown) this.socket?.beginClosing(1001, "the server shuts down");
  }

  connectionClosed(): void {
    if (this.state !== "handling" && this.state !== "answering") return;
    this.state = "gone";
    this.cancel(new ClientDisconnected(this.label));
  }

  /** Cuts the connection of a WebSocket. */
  cutSocket(): void {
    this.socket?.terminate();
  }

  /** Cancels the handler and its children. */
  cancel(reason: Error): void {
    if (this.reason !== null || this.state === "over") return;
    this.reason = reason;
    this.controller?.abort(reason);
    this.body?.fail(reason);
    this.task?.cancel(reason);
    this.children?.cancel(reason);
  }

  private end(): void {
    const gone = this.state === "gone";
    this.state = "over";
    const { core, connection, incoming, outgoing } = this;
    connection.remove(this);
    core.requests.remove();
    core.active.delete(this);
    if (this.head.hasBody && !gone && this.socket === null) dropRest(incoming);
    if (core.stopping && outgoing.writableFinished && connection.idle) connection.socket.destroySoon();
    if (core.settings.log !== null) this.writeLog(gone ? 499 : this.socket === null ? outgoing.statusCode : 101);
  }

  private writeLog(status: number): void {
    const { incoming, path, since, failed } = this;
    guarded(
      () => this.core.settings.log?.(logEntryOf({ incoming, path, status, since, failed })),
      (error) => this.core.report(error, this.request),
    );
  }

  createTask<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T> {
    if (this.state === "over")
      throw new InvalidStateError(`${this.label} is over: use background for what outlives it`);
    this.children ??= this.startChildren();
    return this.children.createTask(fn, options);
  }

  private startChildren(): RequestChildren {
    const { core } = this;
    core.requests.add();
    const children = new RequestChildren(core.group, `children of ${this.label}`, {
      failed: (error) => this.childFailed(error),
      ended: () => core.requests.remove(),
    });
    if (this.reason !== null) children.cancel(this.reason);
    return children;
  }

  private childFailed(error: unknown): void {
    if (this.reason !== null || this.state === "over") return this.core.report(error, this.request);
    this.childFailure = { error };
    this.cancel(error instanceof Error ? error : new Error(String(error)));
  }

  background<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T | undefined> {
    return this.core.background(fn, options);
  }

  waitUntil(promise: PromiseLike<unknown>): void {
    this.background(() => promise, { name: "waitUntil" });
  }

  passThroughOnException(): void {}

  get props(): undefined {
    return undefined;
  }

  events(
    source: AsyncIterable<OutgoingEvent | string> | Iterable<OutgoingEvent | string>,
    options: OutgoingEventsOptions = {},
  ): Response {
    return eventStream(source, options, this);
  }

  upgrade(options?: AcceptOptions): Promise<WebSocketConnection>;
  upgrade(body: (socket: WebSocketConnection) => unknown, options?: AcceptOptions): Response;
  upgrade(
    first?: AcceptOptions | ((socket: WebSocketConnection) => unknown),
    second: AcceptOptions = {},
  ): Promise<WebSocketConnection> | Response {
    if (typeof first !== "function") return Promise.try(() => this.acceptUpgrade(first ?? {}));
    this.pendingUpgrade = { body: first, options: second };
    return new Response(null);
  }

  private acceptUpgrade(options: AcceptOptions, headers?: Headers): WebSocketConnection {
    throwIfCancelled();
    if (this.state !== "handling") throw new InvalidStateError(`upgrade: ${this.label} is ${this.state}`);
    this.timer?.clear();
    const socket = accept(this.incoming, this.arrival.rest ?? null, options, headers);
    this.state = "upgraded";
    this.socket = socket;
    socket.onClosed((seen) => {
      // Whoever neither reads nor writes any more would never learn that nobody is there.
      if (!seen) this.cancel(new ClientDisconnected(this.label));
    });
    return socket;
  }
}

function isInForce(error: unknown): boolean {
  try {
    throwIfCancelled();
    return false;
  } catch (inForce) {
    return inForce === error;
  }
}
