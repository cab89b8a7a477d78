import { availableParallelism } from "node:os";
import { ThreadPool, threadModule } from "@tsyncio/threads";
import { detached, type Duration, interruptible } from "tsyncio";
import { chunkDocument } from "../chunk/chunk-document.ts";
import { type ChunkingOptions, chunkerFingerprint } from "../chunk/chunking-options.ts";
import { lexicalEmbedder } from "../embed/lexical-embedder.ts";
import { ruleBasedExtractor } from "../extract/rule-based-facts.ts";
import type { Chunk, ParsedDocument } from "../model/document.ts";
import type { Chunker, Embedder, Extractor, Parser, Summarizer } from "../model/interfaces.ts";
import { acceptsMediaType, PARSER_FINGERPRINT } from "../parse/parse-document.ts";
import { extractiveSummarizer } from "../summarize/extractive-summary.ts";
import type { Digest } from "./document-worker.ts";

const worker = threadModule<typeof import("./document-worker.ts")>("./document-worker.ts", import.meta.url);

/** Texts up to this length are cut where they are: that takes less time than sending them to another thread. */
const cutHere = 32_768;

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
  const digests = new Digests((document) => pool.run(worker, "digest", document, { timeout }));
  return {
    parser: {
      fingerprint: PARSER_FINGERPRINT,
      accepts: acceptsMediaType,
      parse: ({ bytes, mediaType, source }) => pool.run(worker, "parse", { bytes, mediaType, source }, { timeout }),
    },
    chunker: {
      fingerprint: chunkerFingerprint(chunking),
      chunk: async (document): Promise<readonly Chunk[]> =>
        document.text.length <= cutHere
          ? chunkDocument(document, chunking)
          : pool.run(worker, "chunk", { document, options: chunking }, { timeout }),
    },
    embedder: {
      ...embedder,
      embed: async (texts) => split(await pool.run(worker, "embed", texts, { timeout }), embedder.dimensions),
    },
    summarizer: {
      fingerprint: extractiveSummarizer().fingerprint,
      summarize: async (document) => (await digests.of(document)).summary,
    },
    extractor: {
      fingerprint: ruleBasedExtractor().fingerprint,
      extract: async (document) => (await digests.of(document)).facts,
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** Views of equal length into one array. */
function split(all: Float32Array, length: number): readonly Float32Array[] {
  const views: Float32Array[] = [];
  for (let start = 0; start < all.length; start += length) views.push(all.subarray(start, start + length));
  return views;
}

/**
 * Summaries and facts, made together, because sending a document to another thread takes about as long as either. The
 * work belongs to neither caller: one that is cancelled does not take it away from the other.
 */
class Digests {
  readonly #make: (document: ParsedDocument) => Promise<Digest>;
  readonly #known: WeakMap<ParsedDocument, Promise<Digest>> = new WeakMap();

  constructor(make: (document: ParsedDocument) => Promise<Digest>) {
    this.#make = make;
  }

  of(document: ParsedDocument): Promise<Digest> {
    const known = this.#known.get(document) ?? detached(() => this.#make(document));
    this.#known.set(document, known);
    return interruptible(known);
  }
}
