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
export async function* listEntries(
  sources: readonly Source[],
  ingestion: Ingestion,
): AsyncGenerator<SourceEntry, void, void> {
  for (const source of sources) {
    for await (const entry of source.entries?.() ?? readEntries(source)) {
      if (ingestion.admit(entry)) yield entry;
    }
  }
  ingestion.listedAll();
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
