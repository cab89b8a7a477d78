import type { ByteSource } from "./byte-source.ts";
import type { Timings } from "./timings.ts";

/** Where the bytes of a response come from. */
export interface BodySource extends ByteSource {
  /** The next piece if it is there, null at the end; undefined if `read` has to be asked. */
  readNow(): Uint8Array | null | undefined;
  /** Nobody wants the rest. */
  discard(): void;
  /** Ends it with this error, for whoever reads. */
  abort(reason: Error): void;
  readonly timings: Timings;
}
