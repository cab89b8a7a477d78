import { isCancelled } from "tsyncio";
import { DecodedBody, type ReadingRules } from "./decoded-body.ts";
import { HttpStatusError, MalformedResponseError } from "../errors.ts";
import type { Exchange, ResponseHead } from "../call/exchange.ts";
import { firstHeader, toHeaders } from "../../shared/headers.ts";
import { splitLines } from "./lines.ts";

/** What an `HttpStatusError` keeps of the body. */
const keptOfErrorBody = 64 * 1024;

/**
 * The answer to a request. Its head is there; its body comes as it is read, and can be read once: as a whole by
 * `text()`, `json()` and `bytes()` (which may be called again, in any order), or piece by piece by `body` or `lines()`.
 *
 * It belongs to the scope in which the request was made: when that is cancelled, the connection is closed, also if
 * nobody reads at the moment. `await using`, or reading to the end, gives the connection back.
 */
export class ClientResponse implements AsyncDisposable {
  readonly status: number;
  readonly statusText: string;
  /** Where the answer came from, after redirects; without user name and password. */
  readonly url: string;
  /** The redirects that led here, oldest first. Their bodies have been dropped. */
  readonly history: readonly ClientResponse[];
  private readonly head: ResponseHead;
  private readonly exchange: Exchange;
  private readonly request: string;
  private readonly content: DecodedBody;
  private state: "untouched" | "collecting" | "collected" | "streaming" | "closed" = "untouched";
  private collected: Uint8Array[] = [];
  private lazyHeaders: Headers | null = null;

  /** @internal */
  constructor(
    request: string,
    url: string,
    head: ResponseHead,
    exchange: Exchange,
    rules: ReadingRules,
    history: readonly ClientResponse[],
  ) {
    this.request = request;
    this.url = url;
    this.head = head;
    this.exchange = exchange;
    this.history = history;
    this.status = head.status;
    this.statusText = head.statusText;
    this.content = new DecodedBody(exchange, head, rules, request);
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    return (this.lazyHeaders ??= toHeaders(this.head.headers));
  }

  /** The whole body. A reader that is cancelled can ask again, and loses nothing. */
  async bytes(): Promise<Uint8Array> {
    if (this.state === "untouched") this.state = "collecting";
    if (this.state === "streaming" || this.state === "closed") throw this.alreadyRead();
    while (this.state === "collecting") {
      const chunk = await this.content.read();
      if (chunk === null) this.state = "collected";
      else this.collected.push(chunk);
    }
    if (this.collected.length !== 1) this.collected = [Buffer.concat(this.collected)];
    return this.collected[0] as Uint8Array;
  }

  /** The whole body as text, in the charset of its `content-type`, otherwise UTF-8. */
  async text(): Promise<string> {
    return this.decoder().decode(await this.bytes());
  }

  /** The whole body, parsed as JSON. @throws MalformedResponseError if it is none. */
  async json<T = unknown>(): Promise<T> {
    const text = await this.text();
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      const problem = text === "" ? "the body is empty" : (error as Error).message;
      throw new MalformedResponseError(`${this.request} (status ${this.status}): not JSON: ${problem}`, error);
    }
  }

  /**
   * The body as it comes. Reading slowly slows down the sender. Leaving the loop early closes the response.
   */
  get body(): AsyncIterableIterator<Uint8Array> & AsyncDisposable {
    if (this.state !== "untouched") throw this.alreadyRead();
    this.state = "streaming";
    return new BodyIterator(this.content, () => this.close());
  }

  /**
   * The lines of the body as they come, without their line breaks (`\n` or `\r\n`).
   * @throws ResponseTooLargeError for a line of more than `maxLength` characters (default: 1 Mi).
   */
  lines(options: { readonly maxLength?: number } = {}): AsyncIterableIterator<string> {
    return splitLines(this.body, this.decoder(), options.maxLength ?? 1024 * 1024, this.request);
  }

  /**
   * The response itself if its status is below 400.
   * @throws HttpStatusError otherwise, with the first 64 KiB of the body; the response is closed then.
   */
  async raiseForStatus(): Promise<this> {
    if (this.status < 400) return this;
    const body = await this.beginningOfBody();
    await this.close();
    throw new HttpStatusError(this.request, this.status, this.statusText, this.url, this.headers, body);
  }

  /** Gives the connection back: a small unread rest is dropped, for a large one the connection is closed. */
  async close(): Promise<void> {
    if (this.state !== "collected") this.state = "closed";
    this.content.destroy();
    this.exchange.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** As much of the body as an error keeps. A body that breaks off is no reason to hide the status. */
  private async beginningOfBody(): Promise<Uint8Array> {
    let size = this.collected.reduce((sum, chunk) => sum + chunk.length, 0);
    if (this.state !== "untouched" && this.state !== "collecting") return this.kept();
    while (size < keptOfErrorBody) {
      const chunk = await this.content.read().catch(endUnlessCancelled);
      if (chunk === null) break;
      this.collected.push(chunk);
      size += chunk.length;
    }
    return this.kept();
  }

  private kept(): Uint8Array {
    return Buffer.concat(this.collected).subarray(0, keptOfErrorBody);
  }

  private decoder(): TextDecoder {
    const type = firstHeader(this.head.headers, "content-type") ?? "";
    const label = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? "utf-8";
    try {
      return new TextDecoder(label);
    } catch {
      return new TextDecoder();
    }
  }

  private alreadyRead(): TypeError {
    const what = this.state === "closed" ? "the response is closed" : "the body has been read already";
    return new TypeError(`${this.request}: ${what}`);
  }
}

function endUnlessCancelled(error: unknown): null {
  if (isCancelled(error)) throw error;
  return null;
}

class BodyIterator implements AsyncIterableIterator<Uint8Array>, AsyncDisposable {
  private readonly content: DecodedBody;
  private readonly close: () => Promise<void>;
  private done = false;

  constructor(content: DecodedBody, close: () => Promise<void>) {
    this.content = content;
    this.close = close;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.done ? null : await this.content.read();
    if (chunk === null) this.done = true;
    return chunk === null ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.done = true;
    await this.close();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
