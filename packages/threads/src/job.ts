import type { Transferable } from "node:worker_threads";
import type { Duration } from "tsyncio";
import type { WireError } from "./wire-error.ts";

/** Options of one job. */
export interface RunInThreadOptions {
  /**
   * How long the job may run, not counting the time in the queue. Past it, the worker is ended and the call rejects
   * with a `TimeoutError`. Default: no limit but that of the scopes around the call.
   */
  readonly timeout?: Duration;
  /** What is moved to the worker instead of copied: such as the `ArrayBuffer` of bytes that are no longer needed here. */
  readonly transfer?: readonly Transferable[];
}

/** What a worker is asked: to call one exported function of a module. */
export interface JobRequest {
  /** The module's URL. */
  readonly module: string;
  readonly exportName: string;
  readonly argument: unknown;
}

/** What a worker answers. */
export type JobReply =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: WireError };
