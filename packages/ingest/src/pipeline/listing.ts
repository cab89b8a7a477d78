import { isCancelled } from "tsyncio";
import type { Source, SourceEntry } from "../model/interfaces.ts";
import { sourceOf } from "../sources/source-of.ts";
import type { Ingestion } from "./ingestion.ts";
import type { SourceArgument } from "./options.ts";

/** The sources that the arguments mean. @throws SourceError for one that means none. */
export function openSources(
  sources: readonly SourceArgument[],
  options: { readonly maxBytes: number; readonly exclude: readonly string[] },
): readonly Source[] {
  return sources.map((source) => (typeof source === "string" ? sourceOf(source, options) : source));
}

/** The documents of all sources, one source after another, each document once. */
export class Listing {
  private readonly sources: readonly Source[];
  private readonly ingestion: Ingestion;
  private readonly failures: unknown[] = [];

  constructor(sources: readonly Source[], ingestion: Ingestion) {
    this.sources = sources;
    this.ingestion = ingestion;
  }

  /** A source that fails ends early, and the next one begins. */
  async *entries(): AsyncGenerator<SourceEntry, void, void> {
    for (const source of this.sources) {
      try {
        for await (const entry of source.entries?.() ?? readEntries(source)) {
          if (this.ingestion.admit(entry)) yield entry;
        }
      } catch (error) {
        if (isCancelled(error)) throw error;
        this.failures.push(error);
      }
    }
    this.ingestion.listedAll();
  }

  /** @throws What the sources failed with, if any did: the one failure, or an AggregateError. */
  throwFailures(): void {
    if (this.failures.length > 1) throw new AggregateError(this.failures, `${this.failures.length} sources failed`);
    for (const failure of this.failures) throw failure;
  }
}

/** The documents of a source that reads while it finds. */
async function* readEntries(source: Source): AsyncGenerator<SourceEntry, void, void> {
  for await (const document of source.documents()) {
    yield {
      source: document.source,
      origin: "origin" in document ? document.origin : source.origin,
      mediaType: "mediaType" in document ? document.mediaType : "",
      read: () => Promise.resolve(document),
    };
  }
}
