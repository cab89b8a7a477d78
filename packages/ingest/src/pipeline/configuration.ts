import { availableParallelism } from "node:os";
import { type Duration, toMilliseconds } from "tsyncio";
import type { Chunker, Embedder, Extractor, Parser, Summarizer } from "../model/interfaces.ts";
import type { OfflineModels } from "../offline/offline-models.ts";
import { configurationFingerprint } from "./fingerprint.ts";
import type { IngestLimits, IngestOptions } from "./options.ts";

/** Every decision made: what the stages are made of, and their limits. */
export interface Configuration {
  readonly parsers: readonly Parser[];
  readonly chunker: Chunker;
  readonly embedder: Embedder;
  readonly summarizer: Summarizer;
  readonly extractor: Extractor;
  readonly fingerprint: string;
  readonly limits: Required<IngestLimits>;
  /** Calls of the embedder at once. */
  readonly embedCalls: number;
  /** How long a call of this part may take; undefined for parts that keep to the time of a stage themselves. */
  readonly timeFor: (part: object) => Duration | undefined;
}

/** Fills in the parts that the user has left open. */
export function configure(
  options: IngestOptions,
  limits: Required<IngestLimits>,
  offline: OfflineModels,
): Configuration {
  const parsers = options.parsers ?? [offline.parser];
  const { chunker = offline.chunker, embedder = offline.embedder } = options;
  const { summarizer = offline.summarizer, extractor = offline.extractor } = options;
  const fingerprint = configurationFingerprint([...parsers, chunker, embedder, summarizer, extractor]);
  const ownTime = new Set<object>(Object.values(offline));
  for (const part of [embedder, summarizer, extractor]) if (part.selfLimiting === true) ownTime.add(part);
  const timeFor = (part: object): Duration | undefined => (ownTime.has(part) ? undefined : limits.stageTime);
  const embedCalls =
    options.limits?.embed ?? (embedder.selfLimiting === true ? Number.POSITIVE_INFINITY : limits.embed);
  return { parsers, chunker, embedder, summarizer, extractor, fingerprint, limits, embedCalls, timeFor };
}

/** Fills in the limits that the user has left open. @throws RangeError for a limit that cannot be. */
export function completeLimits(limits: IngestLimits = {}): Required<IngestLimits> {
  const stageTime: Duration = limits.stageTime ?? "60s";
  toMilliseconds(stageTime, "limits.stageTime");
  return {
    get: count("get", limits.get ?? 8),
    parse: count("parse", limits.parse ?? availableParallelism() + 1),
    enrich: count("enrich", limits.enrich ?? 64),
    embed: count("embed", limits.embed ?? 4),
    save: count("save", limits.save ?? 64),
    queuedDocuments: count("queuedDocuments", limits.queuedDocuments ?? 64),
    queuedBytes: count("queuedBytes", limits.queuedBytes ?? 64 * 2 ** 20),
    bytesInFlight: count("bytesInFlight", limits.bytesInFlight ?? 128 * 2 ** 20),
    documentBytes: count("documentBytes", limits.documentBytes ?? 64 * 2 ** 20),
    stageTime,
  };
}

function count(name: keyof IngestLimits, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`limits.${name}: expected a whole number from 1 on, got ${value}`);
}
