import { taskGroup } from "tsyncio";
import { offlineModels } from "../offline/offline-models.ts";
import { completeLimits, configure } from "./configuration.ts";
import type { IngestReport } from "./events.ts";
import { Ingestion } from "./ingestion.ts";
import { watchLoopGap } from "./loop-gap.ts";
import type { IngestOptions, SourceArgument } from "./options.ts";
import { runPipeline } from "./pipeline.ts";
import { Listing, openSources } from "./listing.ts";

/**
 * Brings documents into a store: get, parse, chunk, embed, save; summarise and extract beside embed. All stages
 * overlap, with bounded queues between them, so the whole goes at the speed of its slowest stage.
 *
 * A document is saved whole, in one transaction, and counts as in only after the commit; so a run that is killed at
 * any moment can be repeated, and goes on where it was. A document that is in already, made of the same bytes by the
 * same configuration, is skipped. One that fails is refused with its reason, and the others go in.
 *
 * Rejects when the store fails, and with the `CancelledError` when it is cancelled: then nothing is in flight any
 * more, and what was committed stays. When a source as a whole is unusable, such as a folder that is missing, it
 * rejects too, once the documents of the other sources are in; and it prunes nothing.
 *
 *     await using store = await openStore("sqlite:./index.db");
 *     const report = await ingest(["docs", "README.md"], { store });
 */
export async function ingest(
  sources: SourceArgument | readonly SourceArgument[],
  options: IngestOptions,
): Promise<IngestReport> {
  const limits = completeLimits(options.limits);
  await using offline = offlineModels(options.chunking ?? {}, limits.stageTime);
  const configuration = configure(options, limits, offline);
  const { store, onEvent = () => {} } = options;
  const opened = openSources(isList(sources) ? sources : [sources], {
    maxBytes: limits.documentBytes,
    exclude: options.exclude ?? [],
  });
  await using _lock = await store.lockForIngest();
  const { fingerprint, embedder } = configuration;
  await embedder.prepare?.();
  const { stale } = await store.prepare({
    fingerprint,
    dimensions: embedder.dimensions,
    embedder: embedder.fingerprint,
  });
  onEvent({ type: "start", store: store.address, sources: opened.map(({ origin }) => origin), fingerprint });
  if (stale > 0) {
    const message = `${stale} passages have vectors of another embedder: found by their words only, until they are ingested again`;
    onEvent({ type: "warning", message });
  }
  const gap = watchLoopGap();
  const ingestion = new Ingestion(store, configuration, onEvent);
  try {
    await taskGroup(async (group) => {
      group.createTask(() => ingestion.reportProgress(options.progressEvery ?? "1s"), {
        daemon: true,
        name: "progress",
      });
      const listing = new Listing(opened, ingestion);
      await runPipeline(listing, ingestion, group);
      listing.throwFailures();
      if (options.prune === true) await ingestion.prune(opened.map(({ origin }) => origin));
    });
    const report = ingestion.report(gap.largest());
    onEvent({ type: "done", ...report });
    return report;
  } catch (error) {
    throw ingestion.reasonFor(error);
  } finally {
    gap.stop();
  }
}

function isList(sources: SourceArgument | readonly SourceArgument[]): sources is readonly SourceArgument[] {
  return Array.isArray(sources);
}
