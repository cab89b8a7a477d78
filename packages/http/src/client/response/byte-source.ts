/** Bytes that come in pieces. */
export interface ByteSource {
  /** Waits for the next piece; null at the end. */
  read(): Promise<Uint8Array | null>;
}
