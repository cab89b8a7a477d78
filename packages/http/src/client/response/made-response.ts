import { interruptible } from "tsyncio";
import type { BodySource } from "./body-source.ts";
import { ClientResponse } from "./response.ts";
import type { Timings } from "./timings.ts";

const noTimings: Timings = { acquire: 0, connect: 0, send: 0, headers: 0, body: undefined };

const asItIs = {
  decompress: false,
  maxExpansion: Number.POSITIVE_INFINITY,
  maxResponseSize: Number.POSITIVE_INFINITY,
};

/** A response that did not come over one of the session's connections: made up, or from a cache. */
export function responseOf(response: Response, label: string, url: string): ClientResponse {
  const { status, statusText } = response;
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  return new ClientResponse(label, url, { status, statusText, headers }, new WebBody(response.body), asItIs, []);
}

/** Reads the body of a web `Response`. */
class WebBody implements BodySource {
  readonly timings: Timings = noTimings;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** A read that a cancelled reader has left behind: the next one takes what it brings. */
  private pending: ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]> | null = null;
  private failure: Error | null = null;

  constructor(stream: ReadableStream<Uint8Array> | null) {
    this.reader = stream?.getReader();
  }

  async read(): Promise<Uint8Array | null> {
    if (this.failure !== null) throw this.failure;
    if (this.reader === undefined) return null;
    this.pending ??= this.reader.read();
    const { done, value } = await interruptible(this.pending);
    this.pending = null;
    return done ? null : value;
  }

  readNow(): undefined {}

  discard(): void {
    this.reader?.cancel().catch(() => {});
  }

  abort(reason: Error): void {
    this.failure ??= reason;
    this.reader?.cancel(reason).catch(() => {});
  }
}
