import { type Duration, isCancelled, sleep, timeout } from "tsyncio";
import type { DocumentRecord, RawDocument, Refusal, StageName } from "../model/document.ts";
import type { Store } from "../model/interfaces.ts";
import type { Configuration } from "./configuration.ts";
import type { IngestEvent, IngestProgress, IngestReport } from "./events.ts";
import { StageMeter } from "./stage-meter.ts";

/** What identifies a document on its way. */
export type DocumentId = Pick<RawDocument, "source" | "origin">;

/** One run of the pipeline: what it works with, and the book-keeping of what has become of each document. */
export class Ingestion {
  readonly store: Store;
  readonly configuration: Configuration;
  private readonly onEvent: (event: IngestEvent) => void;
  private readonly meter: StageMeter = new StageMeter();
  private readonly start: number = performance.now();
  private readonly refusals: Refusal[] = [];
  private readonly pruned: string[] = [];
  /** The sources of each origin, for pruning. */
  private readonly seen: Map<string, Set<string>> = new Map();
  private readonly counts = { listed: 0, documents: 0, unchanged: 0, chunks: 0 };
  private listing: "under way" | "complete" = "under way";

  constructor(store: Store, configuration: Configuration, onEvent: (event: IngestEvent) => void) {
    this.store = store;
    this.configuration = configuration;
    this.onEvent = onEvent;
  }

  /** Counts a document that a source has named. False if it was named before: by another source, or twice by one. */
  admit({ source, origin }: DocumentId): boolean {
    const ofOrigin = this.seen.get(origin) ?? new Set();
    this.seen.set(origin, ofOrigin);
    const isNew = ![...this.seen.values()].some((sources) => sources.has(source));
    ofOrigin.add(source);
    if (isNew) this.counts.listed += 1;
    return isNew;
  }

  listedAll(): void {
    this.listing = "complete";
  }

  /**
   * Runs one stage for one document, within its time. A failure refuses the document and gives undefined; only a
   * cancellation and a failure that `isFatal` go further.
   */
  async stage<T>(
    stage: StageName,
    document: DocumentId,
    call: () => Promise<T>,
    isFatal: (error: unknown) => boolean = () => false,
  ): Promise<T | undefined> {
    const { stageTime } = this.configuration.limits;
    try {
      return await this.meter.measure(stage, () => timeout(stageTime, call));
    } catch (error) {
      if (isCancelled(error) || isFatal(error)) throw error;
      await this.refuse(document, stage, reasonOf(error));
      return undefined;
    }
  }

  /** Remembers, here and in the store, why a document is not in. */
  async refuse({ source, origin }: DocumentId, stage: StageName, reason: string): Promise<void> {
    const refusal: Refusal = { source, stage, reason };
    this.meter.refused(stage);
    this.refusals.push(refusal);
    await this.store.refuse([{ ...refusal, origin }]);
    this.onEvent({ type: "document", status: "refused", ...refusal });
  }

  skipUnchanged({ source }: DocumentId): void {
    this.meter.skipUnchanged();
    this.counts.unchanged += 1;
    this.onEvent({ type: "document", status: "unchanged", source });
  }

  /** Said only after the commit. */
  isIn({ source, chunks }: DocumentRecord): void {
    this.counts.documents += 1;
    this.counts.chunks += chunks.length;
    this.onEvent({ type: "document", status: "in", source, chunks: chunks.length });
  }

  /** Removes what the sources did not name this time. */
  async prune(origins: readonly string[]): Promise<void> {
    for (const origin of origins) {
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
