import { isCancelled } from "tsyncio";
import { checkCount } from "../../shared/check.ts";
import { DecodedBody, type ReadingRules } from "./decoded-body.ts";
import { HttpStatusError, MalformedResponseError } from "../errors.ts";
import { firstHeader, toHeaders } from "../../shared/headers.ts";
import type { BodySource } from "./body-source.ts";
import { JsonLineIterator } from "./json-lines.ts";
import { LineIterator } from "./lines.ts";
import type { ResponseHead } from "./response-head.ts";
import type { Timings } from "./timings.ts";
import { webStreamOf } from "./web-stream.ts";

/** What an `HttpStatusError` keeps of the body. */
const keptOfErrorBody = 64 * 1024;

/** The longest line, in characters, unless the caller says otherwise. */
const defaultMaxLine = 1024 * 1024;

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
  private readonly source: BodySource;
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
    source: BodySource,
    rules: ReadingRules,
    history: readonly ClientResponse[],
  ) {
    this.request = request;
    this.url = url;
    this.head = head;
    this.source = source;
    this.history = history;
    this.status = head.status;
    this.statusText = head.statusText;
    this.content = new DecodedBody(source, head, rules, request);
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
      let chunk: Uint8Array | null | undefined = await this.content.read();
      for (; chunk !== undefined && chunk !== null; chunk = this.content.readNow()) this.collected.push(chunk);
      if (chunk === null) this.state = "collected";
    }
    if (this.collected.length !== 1) this.collected = [Buffer.concat(this.collected)];
    return this.collected[0] as Uint8Array;
  }

  /** The whole body as text, in the charset of its `content-type`, otherwise UTF-8. */
  async text(): Promise<string> {
    return this.decoder().decode(await this.bytes());
  }

  /**
   * The whole body, parsed as JSON.
   * @param options With `contentType`, an answer that is not declared as this type (or as one that ends in `+json`, if
   * it is `application/json`) is refused without being read.
   * @throws MalformedResponseError if it is not JSON, or declared as something else.
   */
  async json<T = unknown>(options: { readonly contentType?: string } = {}): Promise<T> {
    if (options.contentType !== undefined) this.expectType(options.contentType);
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
  lines(options: { readonly maxLength?: number } = {}): AsyncIterableIterator<string> & AsyncDisposable {
    const { maxLength = defaultMaxLine } = options;
    return new LineIterator(
      this.body,
      this.decoder(),
      checkCount(maxLength, 1, `${this.request}: lines: maxLength`),
      this.request,
    );
  }

  /**
   * The values of a body that has one JSON document a line (NDJSON, JSON Lines), as they come. Empty lines are left out.
   *
   *     for await (const change of response.jsonLines<Change>()) apply(change);
   *
   * @throws MalformedResponseError for a line that is not JSON; ResponseTooLargeError as {@link lines} does.
   */
  jsonLines<T = unknown>(options: { readonly maxLength?: number } = {}): AsyncIterableIterator<T> & AsyncDisposable {
    return new JsonLineIterator<T>(this.lines(options) as LineIterator, this.request);
  }

  /** The body as a web stream, for whoever wants one. Cancelling it closes the response. */
  webStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return webStreamOf(this.body, () => this.close());
  }

  /** How long the phases took. */
  get timings(): Timings {
    return this.source.timings;
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
    this.source.discard();
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

  private expectType(expected: string): void {
    const header = firstHeader(this.head.headers, "content-type") ?? "";
    const type = header.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    const wanted = expected.toLowerCase();
    if (type === wanted || (wanted === "application/json" && type.endsWith("+json"))) return;
    const got = type === "" ? "none" : JSON.stringify(type);
    throw new MalformedResponseError(`${this.request} (status ${this.status}): expected ${expected}, got ${got}`);
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
