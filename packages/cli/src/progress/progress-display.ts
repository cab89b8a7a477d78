import type { IngestEvent } from "@tsyncio/ingest";

/** Shows what an ingest does. */
export interface ProgressDisplay {
  readonly onEvent: (event: IngestEvent) => void;
  /** How often progress events are wanted. */
  readonly every: "100ms" | "1s" | "2s";
  /** Ends the display; what stands there stays. Called also when the ingest was interrupted or failed. */
  close(): void;
}
