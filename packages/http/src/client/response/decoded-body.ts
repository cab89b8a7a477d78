import { isCancelled } from "tsyncio";
import type { ByteSource } from "./byte-source.ts";
import { Decompressed, knownEncodings } from "./decompress.ts";
import { ResponseTooLargeError } from "../errors.ts";
import type { BodySource } from "./body-source.ts";
import type { ResponseHead } from "./response-head.ts";
import { firstHeader } from "../../shared/headers.ts";

/** How a body is to be read. */
export interface ReadingRules {
  readonly decompress: boolean;
  readonly maxExpansion: number;
  readonly maxResponseSize: number;
}

/** A response's body, decompressed, within its size limit. */
export class DecodedBody implements ByteSource {
  private readonly source: ByteSource;
  private readonly engines: Decompressed[] = [];
  private readonly origin: BodySource;
  private readonly maxSize: number;
  private readonly label: string;
  private size = 0;

  constructor(origin: BodySource, head: ResponseHead, rules: ReadingRules, label: string) {
    this.origin = origin;
    this.maxSize = rules.maxResponseSize;
    this.label = label;
    const header = firstHeader(head.headers, "content-encoding");
    const encodings = header === undefined || !rules.decompress ? [] : (knownEncodings(header) ?? []);
    let source: ByteSource = origin;
    for (const encoding of encodings.toReversed()) {
      const engine = new Decompressed(source, encoding, rules.maxExpansion, label);
      this.engines.push(engine);
      source = engine;
    }
    this.source = source;
  }

  async read(): Promise<Uint8Array | null> {
    let chunk: Uint8Array | null;
    try {
      chunk = await this.source.read();
    } catch (error) {
      // A cancelled reader may come back; data that cannot be decoded is of no use to anybody.
      if (!isCancelled(error)) this.origin.abort(error as Error);
      throw error;
    }
    return this.counted(chunk);
  }

  /** The next piece if it is there, null at the end; undefined if `read` has to be asked. */
  readNow(): Uint8Array | null | undefined {
    if (this.engines.length > 0) return undefined;
    const chunk = this.origin.readNow();
    return chunk === undefined ? undefined : this.counted(chunk);
  }

  destroy(): void {
    for (const engine of this.engines) engine.destroy();
  }

  private counted(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) {
      // Something may follow the end of the compressed data.
      this.origin.discard();
      return null;
    }
    this.size += chunk.length;
    if (this.size <= this.maxSize) return chunk;
    const error = new ResponseTooLargeError(
      `${this.label}: the body is larger than maxResponseSize (${this.maxSize} bytes)`,
      this.maxSize,
    );
    this.destroy();
    this.origin.abort(error);
    throw error;
  }
}
