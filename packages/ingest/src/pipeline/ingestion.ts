import { type Duration, isCancelled, type Lease, Semaphore, sleep } from "tsyncio";
import type { DocumentRecord, RawDocument, Refusal, StageName } from "../model/document.ts";
import type { Store } from "../model/interfaces.ts";
import type { Configuration } from "./configuration.ts";
import type { IngestEvent, IngestProgress, IngestReport } from "./events.ts";
import { StageMeter } from "./stage-meter.ts";
import { withinStageTime } from "./stage-time.ts";

/** What identifies a document on its way. */
export type DocumentId = Pick<RawDocument, "source" | "origin">;

/** How one call of a stage is treated. */
interface StageCall {
  /** How long it may take; undefined for one that keeps to its own time. */
  readonly time?: Duration | undefined;
  /** Failures that are not about this document and end the run. */
  readonly isFatal?: (error: unknown) => boolean;
}

/** One run of the pipeline: what it works with, and the book-keeping of what has become of each document. */
export class Ingestion {
  readonly store: Store;
  readonly configuration: Configuration;
  private readonly onEvent: (event: IngestEvent) => void;
  private readonly meter: StageMeter = new StageMeter();
  private readonly start: number = performance.now();
  private readonly refusals: Refusal[] = [];
  private readonly pruned: string[] = [];
  private readonly refusedSources: Set<string> = new Set();
  /** What the sources have named, and what each origin has. */
  private readonly admitted: Set<string> = new Set();
  private readonly seen: Map<string, Set<string>> = new Map();
  /** Origins of which a part could not be looked into: what is not seen there need not have vanished. */
  private readonly incomplete: Set<string> = new Set();
  private readonly bytes: Semaphore;
  private readonly leases: Map<string, Lease> = new Map();
  private readonly counts = { listed: 0, documents: 0, unchanged: 0, chunks: 0 };
  private listing: "under way" | "complete" = "under way";
  /** The first failure that was not about one document; those that it drags along say nothing more. */
  private fatal: { readonly error: unknown } | undefined;

  constructor(store: Store, configuration: Configuration, onEvent: (event: IngestEvent) => void) {
    this.store = store;
    this.configuration = configuration;
    this.onEvent = onEvent;
    this.bytes = new Semaphore(configuration.limits.bytesInFlight);
  }

  /** Counts a document that a source has named. False if it was named before: by another source, or twice by one. */
  admit({ source, origin }: DocumentId): boolean {
    const ofOrigin = this.seen.get(origin) ?? new Set();
    this.seen.set(origin, ofOrigin);
    ofOrigin.add(source);
    if (this.admitted.has(source)) return false;
    this.admitted.add(source);
    this.counts.listed += 1;
    return true;
  }

  /** A part of this origin could not be looked into. */
  isIncomplete(origin: string): void {
    this.incomplete.add(origin);
  }

  /** Waits until a document of this size may go on; it counts as under way until it is in, unchanged or refused. */
  async makeRoom({ source }: DocumentId, size: number): Promise<void> {
    // A document that is larger than the whole room goes on alone.
    const share = Math.max(1, Math.min(size, this.configuration.limits.bytesInFlight));
    this.leases.set(source, await this.bytes.acquire(share));
  }

  private leave({ source }: Pick<DocumentId, "source">): void {
    this.leases.get(source)?.release();
    this.leases.delete(source);
  }

  listedAll(): void {
    this.listing = "complete";
  }

  /**
   * Runs one stage for one document. A failure refuses the document and gives undefined; only a cancellation and a
   * failure that is fatal go further.
   */
  async stage<T>(
    stage: StageName,
    document: DocumentId,
    call: () => Promise<T>,
    { time, isFatal }: StageCall = {},
  ): Promise<T | undefined> {
    try {
      return await this.meter.measure(stage, time === undefined ? call : () => withinStageTime(time, call));
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (isFatal?.(error) === true) {
        this.fatal ??= { error };
        throw error;
      }
      await this.refuse(document, stage, reasonOf(error));
      return undefined;
    }
  }

  /** Why the run failed: of what failed in it, the first that ended it. */
  reasonFor(error: unknown): unknown {
    return this.fatal === undefined || isCancelled(error) ? error : this.fatal.error;
  }

  /** Remembers, here and in the store, why a document is not in. Stages run side by side; the first reason counts. */
  async refuse({ source, origin }: DocumentId, stage: StageName, reason: string): Promise<void> {
    if (this.refusedSources.has(source)) return;
    this.refusedSources.add(source);
    const refusal: Refusal = { source, stage, reason };
    this.meter.refused(stage);
    this.refusals.push(refusal);
    await this.store.refuse([{ ...refusal, origin }]);
    this.leave(refusal);
    this.onEvent({ type: "document", status: "refused", ...refusal });
  }

  skipUnchanged({ source }: DocumentId): void {
    this.leave({ source });
    this.meter.skipUnchanged();
    this.counts.unchanged += 1;
    this.onEvent({ type: "document", status: "unchanged", source });
  }

  /** Said only after the commit. */
  isIn({ source, chunks }: DocumentRecord): void {
    this.leave({ source });
    this.counts.documents += 1;
    this.counts.chunks += chunks.length;
    this.onEvent({ type: "document", status: "in", source, chunks: chunks.length });
  }

  /** Removes what the sources did not name this time. */
  async prune(origins: readonly string[]): Promise<void> {
    for (const origin of new Set(origins)) {
      if (this.incomplete.has(origin)) {
        const message = `${origin} was not pruned, because a part of it could not be read`;
        this.onEvent({ type: "warning", message });
        continue;
      }
      for (const source of await this.store.prune(origin, this.seen.get(origin) ?? new Set())) {
        this.pruned.push(source);
        this.onEvent({ type: "pruned", source });
      }
    }
  }

  /** Reports how it goes, again and again, until it is cancelled. */
  async reportProgress(every: Duration): Promise<never> {
    for (;;) {
      this.onEvent({ type: "progress", progress: this.progress() });
      await sleep(every);
    }
  }

  private progress(): IngestProgress {
    const { listed, documents, unchanged } = this.counts;
    return {
      elapsed: performance.now() - this.start,
      listed,
      listedAll: this.listing === "complete",
      finished: documents + unchanged + this.refusals.length,
      stages: this.meter.progress(),
    };
  }

  report(largestLoopGap: number): IngestReport {
    const { documents, unchanged, chunks } = this.counts;
    return {
      documents,
      unchanged,
      refused: this.refusals,
      pruned: this.pruned,
      chunks,
      elapsed: performance.now() - this.start,
      stages: this.meter.progress(),
      largestLoopGap,
    };
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim() === "" ? "it failed without saying why" : text;
}
