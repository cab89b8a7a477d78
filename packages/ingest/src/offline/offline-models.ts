import { availableParallelism } from "node:os";
import { ThreadPool, threadModule } from "@tsyncio/threads";
import type { Duration } from "tsyncio";
import { type ChunkingOptions, chunkerFingerprint } from "../chunk/chunking-options.ts";
import { lexicalEmbedder } from "../embed/lexical-embedder.ts";
import { ruleBasedExtractor } from "../extract/rule-based-facts.ts";
import type { Chunker, Embedder, Extractor, Parser, Summarizer } from "../model/interfaces.ts";
import { acceptsMediaType, PARSER_FINGERPRINT } from "../parse/parse-document.ts";
import { extractiveSummarizer } from "../summarize/extractive-summary.ts";

const worker = threadModule<typeof import("./document-worker.ts")>("./document-worker.ts", import.meta.url);

/** What the pipeline uses when nothing else is said: no key, no download, no network. */
export interface OfflineModels extends AsyncDisposable {
  readonly parser: Parser;
  readonly chunker: Chunker;
  readonly embedder: Embedder;
  readonly summarizer: Summarizer;
  readonly extractor: Extractor;
}

/**
 * The offline parts, all in worker threads of their own pool, where no job runs for longer than `timeout`. A document
 * that takes its worker's memory or too much of its time costs that worker and no other document.
 */
export function offlineModels(chunking: ChunkingOptions, timeout: Duration): OfflineModels {
  const pool = new ThreadPool({
    name: "ingest",
    threads: Math.max(2, availableParallelism()),
    memory: { heapMb: 1024 },
  });
  const embedder = lexicalEmbedder();
  return {
    parser: {
      fingerprint: PARSER_FINGERPRINT,
      accepts: acceptsMediaType,
      parse: ({ bytes, mediaType, source }) => pool.run(worker, "parse", { bytes, mediaType, source }, { timeout }),
    },
    chunker: {
      fingerprint: chunkerFingerprint(chunking),
      chunk: (document) => pool.run(worker, "chunk", { document, options: chunking }, { timeout }),
    },
    embedder: { ...embedder, embed: (texts) => pool.run(worker, "embed", texts, { timeout }) },
    summarizer: {
      fingerprint: extractiveSummarizer().fingerprint,
      summarize: (document) => pool.run(worker, "summarize", document, { timeout }),
    },
    extractor: {
      fingerprint: ruleBasedExtractor().fingerprint,
      extract: (document) => pool.run(worker, "extract", document, { timeout }),
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
