import { gather, type TaskGroup } from "tsyncio";
import { embeddingInput } from "../embed/embedding-input.ts";
import type { Chunk, DocumentRecord, ParsedDocument, RawDocument } from "../model/document.ts";
import type { PartContext, SourceEntry } from "../model/interfaces.ts";
import { endsTheRun } from "../models/service-error.ts";
import { folderType } from "../sources/entry.ts";
import { StoreError } from "../store/errors.ts";
import { EmbedBatcher } from "./embed-batcher.ts";
import type { Ingestion } from "./ingestion.ts";
import { KeptVectors } from "./kept-vectors.ts";

/** A raw document without its bytes, which the stages after parse do without. */
export type DocumentHead = Omit<RawDocument, "bytes"> & { readonly size: number };

/** What the context line of an embedded text adds at most, in estimated tokens. */
const contextTokens = 75;

export interface Parsed {
  readonly head: DocumentHead;
  readonly document: ParsedDocument;
}

export interface Chunked extends Parsed {
  readonly chunks: readonly Chunk[];
}

/**
 * The stages, each for one document. A stage that cannot do its document refuses it and gives undefined; the others do
 * not notice.
 */
export class Stages {
  private readonly ingestion: Ingestion;
  private readonly batcher: EmbedBatcher;
  private readonly context: PartContext;

  constructor(ingestion: Ingestion, group: TaskGroup) {
    const { embedder, embedCalls, timeFor } = ingestion.configuration;
    const { answers } = ingestion.store;
    this.ingestion = ingestion;
    this.context = { answers };
    const kept = embedder.paid === true && answers !== undefined ? new KeptVectors(embedder, answers) : undefined;
    this.batcher = new EmbedBatcher(embedder, group, { calls: embedCalls, time: timeFor(embedder), kept });
  }

  /** Reads and hashes, and waits until there is room for it among those that are under way. */
  readonly get = async (entry: SourceEntry): Promise<RawDocument | undefined> => {
    if (entry.mediaType === folderType) this.ingestion.isIncomplete(entry.origin);
    const readEntry = async (): Promise<RawDocument> => {
      const read = await entry.read();
      if ("bytes" in read) return read;
      throw new Error(read.reason);
    };
    const { stageTime } = this.ingestion.configuration.limits;
    const document = await this.ingestion.stage("get", entry, readEntry, { time: stageTime });
    if (document !== undefined) await this.ingestion.makeRoom(entry, document.bytes.byteLength);
    return document;
  };

  /** Asks the store, for several documents at once, which of them it has; only the others go on. */
  readonly skipUnchanged = async (documents: readonly RawDocument[]): Promise<readonly RawDocument[]> => {
    const { fingerprint } = this.ingestion.configuration;
    const known = await this.ingestion.store.known(documents.map(({ source }) => source));
    return documents.filter((document) => {
      const stored = known.get(document.source);
      if (stored?.hash !== document.hash || stored.fingerprint !== fingerprint) return true;
      this.ingestion.skipUnchanged(document);
      return false;
    });
  };

  readonly parse = async (raw: RawDocument): Promise<Parsed | undefined> => {
    const { bytes, ...rest } = raw;
    const head: DocumentHead = { ...rest, size: bytes.byteLength };
    const { parsers, timeFor } = this.ingestion.configuration;
    const parser = parsers.find((candidate) => candidate.accepts(raw.mediaType));
    const parseRaw = async (): Promise<ParsedDocument> => {
      if (parser === undefined) throw new Error(`no parser reads documents of the type ${raw.mediaType}`);
      return parser.parse(raw);
    };
    const time = parser === undefined ? undefined : timeFor(parser);
    const document = await this.ingestion.stage("parse", raw, parseRaw, { time });
    return document === undefined ? undefined : { head, document };
  };

  readonly chunk = async (parsed: Parsed): Promise<Chunked | undefined> => {
    const { chunker, timeFor } = this.ingestion.configuration;
    const cut = (): Promise<readonly Chunk[]> => chunker.chunk(parsed.document);
    const chunks = await this.ingestion.stage("chunk", parsed.head, cut, { time: timeFor(chunker) });
    return chunks === undefined ? undefined : { ...parsed, chunks };
  };

  /** Embeds, summarises and extracts side by side; the document goes on when all three are done. */
  readonly enrich = async ({ head, document, chunks }: Chunked): Promise<DocumentRecord | undefined> => {
    const { summarizer, extractor, fingerprint, timeFor } = this.ingestion.configuration;
    const texts = chunks.map(({ headings, text, tokens }) => ({
      text: embeddingInput(document.title, headings, text),
      tokens: tokens + contextTokens,
    }));
    const [vectors, summary, facts] = await gather([
      () => this.ingestion.stage("embed", head, () => this.batcher.embed(texts), { isFatal: endsTheRun }),
      () =>
        this.ingestion.stage("summarize", head, () => summarizer.summarize(document, this.context), {
          time: timeFor(summarizer),
          isFatal: endsTheRun,
        }),
      () =>
        this.ingestion.stage("extract", head, () => extractor.extract(document, this.context), {
          time: timeFor(extractor),
          isFatal: endsTheRun,
        }),
    ]);
    if (vectors === undefined || summary === undefined || facts === undefined) return undefined;
    const { size, ...id } = head;
    const title = document.title ?? nameOf(head.source);
    return { ...id, bytes: size, fingerprint, title, summary, facts, chunks, vectors };
  };

  /** Shares a transaction with the others that wait; the store's own failure is everybody's and ends the run. */
  readonly save = async (record: DocumentRecord): Promise<void> => {
    const saved = await this.ingestion.stage(
      "save",
      record,
      async () => {
        const [outcome] = await this.ingestion.store.save([record]);
        if (outcome?.error !== undefined) throw outcome.error;
        return true;
      },
      { isFatal: (error) => error instanceof StoreError },
    );
    if (saved === true) this.ingestion.isIn(record);
  };
}

/** What a document without a title is called: its last folder and its name, as in `undici/README.md`. */
function nameOf(source: string): string {
  return source.split(/[\\/]/u).slice(-2).join("/");
}
