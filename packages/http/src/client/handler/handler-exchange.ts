import type { Dispatcher } from "undici";
import { describeValue } from "../../shared/describe-value.ts";

/** What answers requests: any fetch-style handler, such as the `fetch` of a Hono application. */
export type RequestHandler = (request: Request) => Response | PromiseLike<Response>;

/**
 * One request that a handler answers, told in undici's terms.
 *
 *     started ──run()──▶ answering ──last byte──▶ over
 *        └──────abort(), fail()──┴─────────────────▲
 */
export class HandlerExchange implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly rawHeaders: null = null;
  private readonly events: Dispatcher.DispatchHandler;
  private readonly controller: AbortController = new AbortController();
  private over = false;
  private stop: ((reason: Error) => void) | null = null;
  private reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  private wake: (() => void) | null = null;

  constructor(events: Dispatcher.DispatchHandler) {
    this.events = events;
  }

  /** The handler's `request.signal`. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Says that the request begins; returns whether it is still wanted. */
  start(): boolean {
    this.events.onRequestStart?.(this, {});
    return !this.aborted;
  }

  /** How to end the handler's task. */
  stopWith(stop: (reason: Error) => void): void {
    this.stop = stop;
  }

  /** Calls the handler and passes its response on, no faster than it is read. */
  async run(request: Request, handler: RequestHandler): Promise<void> {
    const answering = handler(request);
    (this.events as { onRequestSent?: () => void }).onRequestSent?.();
    const response: unknown = await answering;
    if (!(response instanceof Response)) {
      throw new TypeError(`handler: expected a Response to be returned, got ${describeValue(response)}`);
    }
    const headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) headers["set-cookie"] = cookies;
    if (this.over) return;
    this.events.onResponseStart?.(this, response.status, headers, response.statusText);
    if (response.body !== null) await this.passOn(response.body.getReader());
    if (this.over) return;
    this.over = true;
    this.events.onResponseEnd?.(this, {});
  }

  private async passOn(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.reader = reader;
    for (;;) {
      if (this.paused) await new Promise<void>((resolve) => (this.wake = resolve));
      const { done, value } = await reader.read();
      if (done || this.over) return;
      this.events.onResponseData?.(this, Buffer.from(value));
    }
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wake?.();
    this.wake = null;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.fail(reason);
    this.controller.abort(reason);
    this.reader?.cancel(reason).catch(() => {});
    this.resume();
    this.stop?.(reason);
  }

  /** Ends the request with an error, unless it is over. */
  fail(error: unknown): void {
    if (this.over) return;
    this.over = true;
    this.events.onResponseError?.(this, error as Error);
  }
}
