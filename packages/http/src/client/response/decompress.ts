import type { Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";
import { suspend } from "tsyncio";
import type { ByteSource } from "./byte-source.ts";
import { MalformedResponseError, ResponseTooLargeError } from "../errors.ts";

/** The encodings that are asked for. */
export const acceptedEncodings = "gzip, deflate, br, zstd";

/** Below this size, no expansion is suspicious. */
const harmlessSize = 1024 * 1024;

type MakeEngine = (firstByte: number) => Transform;

const flush = constants.Z_SYNC_FLUSH;

const engines: Readonly<Record<string, MakeEngine>> = {
  gzip: () => createGunzip({ flush }),
  "x-gzip": () => createGunzip({ flush }),
  // Some servers send a bare deflate stream, others one in a zlib envelope, whose first byte tells it.
  deflate: (first) => ((first & 0x0f) === 8 ? createInflate({ flush }) : createInflateRaw({ flush })),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

/** The names in a `content-encoding` header, in the order of their application; null if one is not known. */
export function knownEncodings(header: string): readonly string[] | null {
  const names = header
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  return names.every((name) => Object.hasOwn(engines, name)) ? names : null;
}

/**
 * Decompresses a body piece by piece, no faster than it is read. A body that expands to more than `maxExpansion`
 * times its size (and more than 1 MiB) is refused: it is a bomb, not a document.
 */
export class Decompressed implements ByteSource {
  private readonly source: ByteSource;
  private readonly make: MakeEngine;
  private readonly encoding: string;
  private readonly maxExpansion: number;
  private readonly label: string;
  private engine: Transform | null = null;
  private bytesIn = 0;
  private bytesOut = 0;
  private input: "wanted" | "busy" | "over" = "wanted";
  private finished = false;
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(source: ByteSource, encoding: string, maxExpansion: number, label: string) {
    this.source = source;
    this.encoding = encoding;
    this.make = engines[encoding] as MakeEngine;
    this.maxExpansion = maxExpansion;
    this.label = label;
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.failure !== null) throw this.failure;
      const output = this.engine?.read() as Buffer | null | undefined;
      if (output !== null && output !== undefined) return this.counted(output);
      if (this.finished) return null;
      if (this.input === "wanted") await this.feed();
      else await this.progress();
    }
  }

  /** Frees the engine of a body that is not read to its end. */
  destroy(): void {
    this.engine?.destroy();
  }

  private counted(output: Buffer): Buffer {
    this.bytesOut += output.length;
    if (this.bytesOut > harmlessSize && this.bytesOut > this.bytesIn * this.maxExpansion) {
      this.failure = new ResponseTooLargeError(
        `${this.label}: ${this.bytesIn} bytes of ${this.encoding} expand to more than ${this.maxExpansion} times ` +
          "their size; if this is expected, raise maxExpansion",
        this.bytesIn * this.maxExpansion,
      );
      this.destroy();
      throw this.failure;
    }
    return output;
  }

  private async feed(): Promise<void> {
    const chunk = await this.source.read();
    if (chunk === null) {
      this.input = "over";
      // An answer without a body may still name an encoding.
      if (this.engine === null) this.finished = true;
      else this.engine.end();
      return;
    }
    if (chunk.length === 0) return;
    this.bytesIn += chunk.length;
    this.engine ??= this.start(chunk[0] as number);
    this.input = "busy";
    this.engine.write(chunk, () => {
      if (this.input === "busy") this.input = "wanted";
      this.stir();
    });
  }

  private start(firstByte: number): Transform {
    const engine = this.make(firstByte);
    engine.on("readable", () => this.stir());
    engine.on("end", () => {
      this.finished = true;
      this.stir();
    });
    engine.on("error", (error) => {
      this.failure ??= new MalformedResponseError(
        `${this.label}: the body is not valid ${this.encoding}: ${error.message}`,
        error,
      );
      this.stir();
    });
    return engine;
  }

  private progress(): Promise<void> {
    return suspend<void>(`the decompression of ${this.label}`, (wait) => {
      this.wake = () => wait.resolve();
      return () => {
        this.wake = null;
      };
    });
  }

  private stir(): void {
    const { wake } = this;
    this.wake = null;
    wake?.();
  }
}
