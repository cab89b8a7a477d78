import { AsyncLocalStorage } from "node:async_hooks";
import { Readable } from "node:stream";
import { type Dispatcher, FormData as UndiciFormData } from "undici";
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
  readonly body: NonNullable<Dispatcher.DispatchOptions["body"]> | null;
  readonly contentType: string | undefined;
  /** In bytes, where undici does not see it by itself. */
  readonly contentLength?: number;
  /** Stops reading a streamed source. */
  readonly stop: () => void;
}

/** A body that can be encoded for each attempt. */
export interface BodyPlan {
  /** Whether it can be sent more than once. */
  readonly replayable: boolean;
  /** The body before it is encoded; null if there is none. */
  readonly source: RequestBody | null;
  /** What the source is, where it does not tell by itself. */
  readonly contentType?: string;
  readonly encode: () => EncodedBody;
}

const nothing = (): void => {};

/** No body. */
export const emptyBody: BodyPlan = {
  replayable: true,
  source: null,
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
  if (form instanceof URLSearchParams) return form;
  if (typeof form !== "object" || form === null) {
    throw new TypeError(`${what}: form: expected an object, URLSearchParams or FormData, got ${describeValue(form)}`);
  }
  if (isFormData(form)) return form;
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(form)) {
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) params.append(key, String(one));
  }
  return params;
}

function planRaw(body: RequestBody, what: string): BodyPlan {
  if (typeof body === "function") {
    return { replayable: true, source: body, encode: () => planRaw(body(), what).encode() };
  }
  if (typeof body === "string") return fixed(body, "text/plain;charset=UTF-8");
  if (body instanceof Uint8Array) return fixed(body, undefined);
  if (body instanceof ArrayBuffer) return fixed(new Uint8Array(body), undefined);
  if (ArrayBuffer.isView(body)) return fixed(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), undefined);
  if (body instanceof URLSearchParams) return fixed(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8");
  if (body instanceof Blob) return { replayable: true, source: body, encode: () => encodeBlob(body) };
  if (isFormData(body)) return { replayable: true, source: body, encode: () => encodeForm(body) };
  if (typeof body === "object" && body !== null && (Symbol.asyncIterator in body || Symbol.iterator in body)) {
    return planStream(body, what);
  }
  throw new TypeError(
    `${what}: body: expected a string, bytes, a Blob, URLSearchParams, FormData, an iterable of bytes or a function ` +
      `that makes one of them, got ${describeValue(body)}`,
  );
}

/** A stream is used up when it has been sent; a list of pieces is not. */
function planStream(
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  what: string,
): BodyPlan {
  if (Array.isArray(source)) return { replayable: true, source, encode: () => encodeStream(source, undefined) };
  let sent = false;
  return {
    replayable: false,
    source,
    encode: () => {
      if (sent) throw new TypeError(`${what}: a stream can be sent only once: pass a function that makes it`);
      sent = true;
      return encodeStream(source, undefined);
    },
  };
}

function fixed(body: string | Uint8Array, contentType: string | undefined): BodyPlan {
  return {
    replayable: true,
    source: body,
    ...(contentType === undefined ? {} : { contentType }),
    encode: () => ({ body, contentType, stop: nothing }),
  };
}

/** Its size is known, so it need not be sent in chunks, which not every server takes. */
function encodeBlob(blob: Blob): EncodedBody {
  const type = blob.type === "" ? undefined : blob.type;
  return { ...encodeStream(blob.stream(), type), contentLength: blob.size };
}

/** By its looks: Node's `FormData` and undici's are different classes. */
function isFormData(body: object): body is FormData {
  return Object.prototype.toString.call(body) === "[object FormData]";
}

/** undici writes multipart, boundary and length included, but only from a form of its own class. */
function encodeForm(form: FormData): EncodedBody {
  const copy = new UndiciFormData();
  for (const [name, value] of form) {
    if (typeof value === "string") copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return { body: copy, contentType: undefined, stop: nothing };
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
