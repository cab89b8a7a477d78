import type { StoreErrorCode } from "../errors.ts";

/**
 * What travels between the store's object and its thread.
 *
 *     main thread                          worker thread
 *     { id, method, args }  ─────────────▶ engine[method](...args), one after the other
 *     { id, value } or { id, error } ◀────
 */

/** Decides how the thread opens its database. */
export interface EngineConfiguration {
  readonly path: string;
  readonly display: string;
  readonly readOnly: boolean;
  readonly busyTimeout: number;
  readonly maxPages: number;
  readonly vectorIndex: "auto" | "off";
}

export interface EngineRequest {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type EngineResponse =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError };

/** An error as plain data, so that its class survives the way between the threads. */
export type WireError =
  | {
      readonly kind: "store";
      readonly code: StoreErrorCode;
      readonly problem: string;
      readonly advice: string;
      readonly cause: string | undefined;
    }
  | { readonly kind: "record"; readonly source: string; readonly problem: string }
  | { readonly kind: "other"; readonly name: string; readonly message: string; readonly stack: string | undefined };

/** A document's record in few objects: all its vectors in one array that is handed over, not copied. */
export interface PackedDocument {
  readonly source: string;
  readonly origin: string;
  readonly mediaType: string;
  readonly hash: string;
  readonly fingerprint: string;
  readonly bytes: number;
  readonly title: string | null;
  readonly summary: string;
  /** As JSON. */
  readonly facts: string;
  readonly texts: readonly string[];
  /** One heading path a chunk. */
  readonly headings: readonly (readonly string[])[];
  /** Three numbers a chunk: start, end, tokens. */
  readonly numbers: Float64Array;
  readonly dimensions: number;
  /** `dimensions` numbers a chunk. */
  readonly vectors: Float32Array<ArrayBuffer>;
}

export type PackedOutcome = { readonly error: WireError | undefined };

/** What the engine says of itself once it is open. */
export interface EngineGreeting {
  /** What the user should know, each said once. */
  readonly notices: readonly string[];
}
