import type { TaskGroup } from "tsyncio";
import { flow } from "tsyncio/flow";
import type { RawDocument } from "../model/document.ts";
import type { Ingestion } from "./ingestion.ts";
import type { Listing } from "./listing.ts";
import { type Parsed, Stages } from "./stages.ts";

/** How far the listing may be ahead of the reading: entries are small, and a total makes an estimate of the end. */
const listedAhead = 20_000;

/**
 * The pipeline as one straight line. All stages overlap; documents overtake each other; each arrow is bounded, by
 * items or by items and bytes, so a slow stage holds up those before it and nothing piles up.
 *
 *     list ▶ get ▶ unchanged? ▶ parse ▶ chunk ▶ (embed | summarise | extract) ▶ save
 */
export async function runPipeline(listing: Listing, ingestion: Ingestion, group: TaskGroup): Promise<void> {
  const { limits } = ingestion.configuration;
  const stages = new Stages(ingestion, group);
  const queue = { items: limits.queuedDocuments, bytes: limits.queuedBytes };
  await flow(listing.entries())
    .buffer({ items: listedAhead })
    .map(stages.get, { limit: limits.get, ordered: false })
    .filter(present)
    .batch({ items: 32, maxWait: "5ms" })
    .flatMap(stages.skipUnchanged)
    .buffer({ ...queue, measure: (raw: RawDocument) => raw.bytes.byteLength })
    .map(stages.parse, { limit: limits.parse, ordered: false })
    .filter(present)
    .map(stages.chunk, { limit: limits.parse, ordered: false })
    .filter(present)
    .buffer({ ...queue, measure: ({ document }: Parsed) => 2 * document.text.length })
    .map(stages.enrich, { limit: limits.enrich, ordered: false })
    .filter(present)
    .forEach(stages.save, { limit: limits.save });
}

function present<T>(value: T | undefined): value is T {
  return value !== undefined;
}
