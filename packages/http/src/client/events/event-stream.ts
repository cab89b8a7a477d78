import { AsyncLocalStorage } from "node:async_hooks";
import { cancelScope, type CancelScope, interruptible, sleep, toMilliseconds, type Duration } from "tsyncio";
import { applyHeaders, type HeaderMap } from "../../shared/headers.ts";
import { checkCount, checkKeys } from "../../shared/check.ts";
import { ConnectionError, HttpStatusError, HttpTimeoutError, MalformedResponseError } from "../errors.ts";
import { requestKeys, type RequestOptions } from "../options.ts";
import { checkMethod } from "../request/check-method.ts";
import type { ClientResponse } from "../response/response.ts";
import { EventParser } from "./event-parser.ts";
import type { ServerSentEvent } from "./server-sent-event.ts";

/** How an event stream that has broken off is taken up again. */
export interface ReconnectOptions {
  /** The pause before the first attempt, unless the server says otherwise (`retry:`). It doubles from then on. Default: `"3s"`. */
  readonly delay?: Duration;
  /** The longest pause. Default: `"30s"`. */
  readonly maxDelay?: Duration;
  /** How many attempts in a row may fail before the last failure is thrown. Default: no limit. */
  readonly attempts?: number;
}

/** Options of `session.events()`. */
export interface EventStreamOptions extends RequestOptions {
  /** Default: GET. */
  readonly method?: string;
  /** The last event that was seen earlier: the server is asked for what came after it. */
  readonly lastEventId?: string;
  /** Whether and how to connect again when the stream ends. Default: true for GET, false for other methods. */
  readonly reconnect?: boolean | ReconnectOptions;
  /** The largest event, in characters. Default: 1 Mi. */
  readonly maxEventSize?: number;
}

const ownKeys: readonly (keyof EventStreamOptions)[] = ["method", "lastEventId", "reconnect", "maxEventSize"];

export const eventStreamKeys: readonly string[] = [...requestKeys, ...ownKeys];

type Send = (method: string, options: RequestOptions) => Promise<ClientResponse>;

/** Statuses that may be gone at the next attempt. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * The events that a server sends, one after the other, over as many connections as it takes.
 *
 *     ready ──▶ connecting ──200──▶ open ──stream ends or breaks──▶ pausing ──▶ connecting
 *                   │                                               (reconnect)
 *                   └── 204, return() ──▶ over      anything else ──▶ failed
 *
 * The first connection must succeed: a wrong address is an error, not a reason to try for ever. From then on, a
 * connection that is lost, refused or answered with a temporary status (408, 425, 429, 5xx) is made anew after a pause;
 * any other answer is thrown as an `HttpStatusError`. Everything runs in the scope in which the stream was made, so a
 * `next()` that is cancelled, for instance by a timeout, loses neither the connection nor an event.
 */
export class EventStream implements AsyncIterableIterator<ServerSentEvent>, AsyncDisposable {
  private readonly send: Send;
  private readonly method: string;
  private readonly request: RequestOptions;
  private readonly parser: EventParser;
  private readonly reconnect: { delay: number; readonly maxDelay: number; readonly attempts: number } | null;
  private readonly inMakersContext: <R>(run: () => R) => R = AsyncLocalStorage.snapshot();
  private state: "ready" | "open" | "over" = "ready";
  private connected = false;
  private failures = 0;
  private response: ClientResponse | null = null;
  /** Why the stream is over, until somebody has been told. */
  private failure: Error | null = null;
  private body: AsyncIterableIterator<Uint8Array> | null = null;
  /** What a cancelled `next()` has left behind. */
  private advancing: Promise<void> | null = null;
  /** The scope in which that runs. */
  private step: CancelScope | null = null;

  /** @internal */
  constructor(send: Send, options: EventStreamOptions) {
    const { method = "GET", lastEventId, reconnect, maxEventSize = 1024 * 1024, ...request } = options;
    this.send = send;
    this.method = checkMethod(method);
    this.request = request;
    this.reconnect = readReconnect(reconnect ?? this.method === "GET");
    this.parser = new EventParser(checkCount(maxEventSize, 1, "events: maxEventSize"), lastEventId ?? "");
  }

  /** The identifier of the last event that has come; empty if there was none. */
  get lastEventId(): string {
    return this.parser.lastEventId;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Waits for the next event. */
  async next(): Promise<IteratorResult<ServerSentEvent>> {
    for (;;) {
      const event = this.parser.take();
      if (event !== undefined) return { done: false, value: event };
      if (this.state === "over") return this.end();
      this.advancing ??= this.inMakersContext(() => cancelScope((step) => this.advance(step)));
      await interruptible(this.advancing);
      this.advancing = null;
    }
  }

  private end(): IteratorResult<ServerSentEvent> {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
    return { done: true, value: undefined };
  }

  /** Closes the connection and ends the stream, whatever it is doing. */
  async return(): Promise<IteratorResult<ServerSentEvent>> {
    this.state = "over";
    this.step?.cancel("the stream was left");
    await this.response?.close();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** One step: connect, or read one piece. It does not reject: a failure ends the stream, and is kept. */
  private async advance(step: CancelScope): Promise<void> {
    this.step = step;
    try {
      if (this.state === "ready") await this.connect();
      else await this.read();
    } catch (error) {
      await this.response?.close();
      await this.lost(error as Error, this.connected && mayBeGone(error)).catch((cancelled: Error) =>
        this.fail(cancelled),
      );
    }
  }

  private async connect(): Promise<void> {
    const headers: HeaderMap = new Map([
      ["accept", ["text/event-stream"]],
      ["cache-control", ["no-store"]],
    ]);
    applyHeaders(headers, this.request.headers, "events");
    if (this.parser.lastEventId !== "") headers.set("last-event-id", [encodeId(this.parser.lastEventId)]);
    const pairs = [...headers].flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
    const timeout = typeof this.request.timeout === "object" ? this.request.timeout : { total: this.request.timeout };
    const response = await this.send(this.method, {
      ...this.request,
      headers: pairs,
      raiseForStatus: false,
      timeout: { ...timeout, total: timeout.total ?? Number.POSITIVE_INFINITY },
    });
    this.response = response;
    if (response.status === 204 || this.isOver()) {
      await this.return();
      return;
    }
    await response.raiseForStatus();
    expectEventStream(response);
    this.body = response.body;
    this.parser.begin();
    this.state = "open";
    this.connected = true;
  }

  private async read(): Promise<void> {
    const result = await (this.body as AsyncIterableIterator<Uint8Array>).next();
    if (result.done === true) {
      await this.lost(null, true);
      return;
    }
    this.failures = 0;
    const retry = this.parser.feed(result.value);
    if (retry !== undefined && this.reconnect !== null) this.reconnect.delay = retry;
  }

  private isOver(): boolean {
    return this.state === "over";
  }

  /** @param error Null if the server has ended the stream in good order. */
  private async lost(error: Error | null, again: boolean): Promise<void> {
    const { reconnect } = this;
    if (this.isOver()) return;
    this.failures += 1;
    if (!again || reconnect === null || this.failures > reconnect.attempts) {
      this.fail(error);
      return;
    }
    this.state = "ready";
    await sleep(Math.max(reconnect.delay, Math.min(reconnect.maxDelay, reconnect.delay * 2 ** (this.failures - 1))));
  }

  private fail(error: Error | null): void {
    this.state = "over";
    this.failure = error;
  }
}

function mayBeGone(error: unknown): boolean {
  if (error instanceof HttpStatusError) return temporary.has(error.status);
  return error instanceof ConnectionError || error instanceof HttpTimeoutError;
}

function expectEventStream(response: ClientResponse): void {
  const type = response.headers.get("content-type") ?? "";
  if (/^text\/event-stream\s*(;|$)/i.test(type)) return;
  const got = type === "" ? "no content-type" : JSON.stringify(type);
  throw new MalformedResponseError(`events: ${response.url}: expected text/event-stream, got ${got}`);
}

/** Header values are bytes, an identifier is any text: it is sent as UTF-8 (HTML, 9.2.3). */
function encodeId(id: string): string {
  return Buffer.from(id).toString("latin1");
}

function readReconnect(
  input: boolean | ReconnectOptions,
): { delay: number; maxDelay: number; attempts: number } | null {
  if (input === false) return null;
  const options = input === true ? {} : input;
  checkKeys(options, ["delay", "maxDelay", "attempts"], "events: reconnect");
  return {
    delay: toMilliseconds(options.delay ?? "3s", "events: reconnect.delay"),
    maxDelay: toMilliseconds(options.maxDelay ?? "30s", "events: reconnect.maxDelay"),
    attempts: checkCount(options.attempts ?? Infinity, 0, "events: reconnect.attempts"),
  };
}
