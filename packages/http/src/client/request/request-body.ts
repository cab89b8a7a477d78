import { AsyncLocalStorage } from "node:async_hooks";
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { describeValue } from "../../shared/describe-value.ts";

/** What can be sent as it is. A function makes a fresh body for each attempt, so a streamed one can be retried. */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | URLSearchParams
  | FormData
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | ReadableStream<Uint8Array>
  | (() => RequestBody);

/** Fields of a form: sent as `application/x-www-form-urlencoded`, or as multipart if it is a `FormData`. */
export type FormFields =
  | Readonly<Record<string, string | number | boolean | readonly string[]>>
  | URLSearchParams
  | FormData;

/** A body as undici takes it. */
export interface EncodedBody {
  readonly body: Dispatcher.DispatchOptions["body"];
  readonly contentType: string | undefined;
  /** Stops reading a streamed source. */
  readonly stop: () => void;
}

/** A body that can be encoded for each attempt. */
export interface BodyPlan {
  /** Whether it can be sent more than once. */
  readonly replayable: boolean;
  readonly encode: () => EncodedBody;
}

const nothing = (): void => {};

/** No body. */
export const emptyBody: BodyPlan = {
  replayable: true,
  encode: () => ({ body: null, contentType: undefined, stop: nothing }),
};

/** The plan for one of the ways to give a body; at most one of them. */
export function planBody(
  options: { readonly json?: unknown; readonly form?: FormFields; readonly body?: RequestBody | null },
  what: string,
): BodyPlan {
  const given = (["json", "form", "body"] as const).filter((key) => options[key] !== undefined);
  if (given.length > 1) throw new TypeError(`${what}: expected one of json, form and body, got ${given.join(" and ")}`);
  if (options.json !== undefined) return planJson(options.json, what);
  if (options.form !== undefined) return planRaw(formOf(options.form, what), what);
  return options.body === undefined || options.body === null ? emptyBody : planRaw(options.body, what);
}

function planJson(value: unknown, what: string): BodyPlan {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) {
    throw new TypeError(`${what}: json: expected a value that JSON can express, got ${describeValue(value)}`);
  }
  return fixed(text, "application/json");
}

function formOf(form: FormFields, what: string): URLSearchParams | FormData {
  if (form instanceof URLSearchParams || form instanceof FormData) return form;
  if (typeof form !== "object" || form === null) {
    throw new TypeError(`${what}: form: expected an object, URLSearchParams or FormData, got ${describeValue(form)}`);
  }
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(form)) {
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) params.append(key, String(one));
  }
  return params;
}

function planRaw(body: RequestBody, what: string): BodyPlan {
  if (typeof body === "function") {
    return { replayable: true, encode: () => planRaw(body(), what).encode() };
  }
  if (typeof body === "string") return fixed(body, "text/plain;charset=UTF-8");
  if (body instanceof Uint8Array) return fixed(body, undefined);
  if (body instanceof ArrayBuffer) return fixed(new Uint8Array(body), undefined);
  if (ArrayBuffer.isView(body)) return fixed(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), undefined);
  if (body instanceof URLSearchParams) return fixed(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8");
  if (body instanceof Blob || body instanceof FormData) return { replayable: true, encode: () => encodeByFetch(body) };
  if (typeof body === "object" && body !== null && (Symbol.asyncIterator in body || Symbol.iterator in body)) {
    return { replayable: false, encode: () => encodeStream(body, undefined) };
  }
  throw new TypeError(
    `${what}: body: expected a string, bytes, a Blob, URLSearchParams, FormData, an iterable of bytes or a function ` +
      `that makes one of them, got ${describeValue(body)}`,
  );
}

function fixed(body: string | Uint8Array, contentType: string | undefined): BodyPlan {
  return { replayable: true, encode: () => ({ body, contentType, stop: nothing }) };
}

/** The platform knows how to write these; in particular multipart, with its boundary. */
function encodeByFetch(source: Blob | FormData): EncodedBody {
  const encoded = new Response(source);
  return encodeStream(encoded.body as ReadableStream<Uint8Array>, encoded.headers.get("content-type") ?? undefined);
}

function encodeStream(
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  contentType: string | undefined,
): EncodedBody {
  const upload = new Upload(source);
  // Its type does not say so, but undici takes any async iterable, and reads it with back-pressure.
  return { body: upload as unknown as Readable, contentType, stop: () => upload.stop() };
}

const failuresOfSources = new WeakSet<object>();

/** Whether an error was thrown by the caller's own body. */
export function isSourceFailure(error: object): boolean {
  return failuresOfSources.has(error);
}

/**
 * A streamed body, on its way to undici. The caller's iterable runs in the caller's context, so a wait in there is
 * cut when the caller is cancelled. When the exchange is over, a `next()` that is still pending is no longer waited
 * for, and the iterable is told that no more is wanted.
 */
class Upload implements AsyncIterableIterator<Uint8Array | string> {
  private readonly source: AsyncIterator<Uint8Array | string> | Iterator<Uint8Array | string>;
  private readonly inCallersContext = AsyncLocalStorage.snapshot();
  private stopped = false;
  private giveUp: (() => void) | null = null;

  constructor(iterable: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>) {
    this.source = Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array | string>> {
    return new Promise((resolve, reject) => {
      const end = (): void => resolve({ done: true, value: undefined });
      if (this.stopped) {
        end();
        return;
      }
      this.giveUp = end;
      this.inCallersContext(() => this.pull()).then(resolve, (error: unknown) => {
        if (typeof error === "object" && error !== null) failuresOfSources.add(error);
        reject(error);
      });
    });
  }

  private async pull(): Promise<IteratorResult<Uint8Array | string>> {
    const result = await this.source.next();
    if (result.done === true) return result;
    if (typeof result.value === "string" || result.value instanceof Uint8Array) return result;
    throw new TypeError(`body: expected chunks of bytes or strings, got ${describeValue(result.value)}`);
  }

  return(): Promise<IteratorResult<Uint8Array | string>> {
    this.stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.giveUp?.();
    // Nobody waits for its clean-up: a generator that is stuck in a `next()` begins it when that is over.
    this.inCallersContext(async () => this.source.return?.()).catch(() => {});
  }
}
