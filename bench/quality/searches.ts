import { createHash } from "node:crypto";
import { chunkDocument } from "../../packages/ingest/src/chunk/chunk-document.ts";
import { embeddingInput } from "../../packages/ingest/src/embed/embedding-input.ts";
import { embedTexts } from "../../packages/ingest/src/embed/lexical-embedder.ts";
import type { DocumentRecord, ParsedDocument } from "../../packages/ingest/src/model/document.ts";
import type { SearchMode, Store } from "../../packages/ingest/src/model/interfaces.ts";
import { parseDocument } from "../../packages/ingest/src/parse/parse-document.ts";
import { openStore } from "../../packages/ingest/src/store/open-store.ts";
import { Bm25 } from "./bm25.ts";
import type { Corpus, Page } from "./known-answers.ts";

/** Passages asked for: enough that ten different pages are among them, few pages having as many good passages. */
const HITS = 50;

/** A way to search: the names of pages, best first, perhaps repeated. */
export interface Search {
  readonly method: string;
  readonly search: (question: string) => Promise<readonly string[]>;
}

/** Calls `body` with every way to search the corpus. All index the same parsed text of the same pages. */
export async function withSearches<T>(
  corpus: Corpus,
  dimensions: number,
  body: (searches: readonly Search[]) => Promise<T>,
): Promise<T> {
  const parsed = await Promise.all(corpus.pages.map(async (page) => ({ page, document: await parse(page) })));
  const baseline = new Bm25(parsed.map(({ document }) => `${document.title ?? ""}\n${document.text}`));
  await using store = await openStore("sqlite::memory:");
  const embedder = `lexical ${dimensions}`;
  await store.prepare({ fingerprint: embedder, dimensions, embedder });
  for (const { page, document } of parsed) await save(store, record(page, document, dimensions));
  const byMode = (mode: SearchMode): Search => ({
    method: mode,
    search: async (text) => {
      const vector = embedTexts([text], { dimensions })[0];
      const hits = await store.search({ text, vector, mode, k: HITS, filter: undefined });
      return hits.map(({ source }) => source);
    },
  });
  const names = corpus.pages.map(({ name }) => name);
  return await body([
    {
      method: "BM25",
      search: (text) => Promise.resolve(baseline.search(text).flatMap((index) => names[index] ?? [])),
    },
    byMode("text"),
    byMode("vector"),
    byMode("hybrid"),
  ]);
}

function parse({ name, mediaType, source }: Page): Promise<ParsedDocument> {
  return parseDocument({ bytes: Buffer.from(source), mediaType, source: name });
}

function record(page: Page, document: ParsedDocument, dimensions: number): DocumentRecord {
  const chunks = chunkDocument(document);
  const texts = chunks.map(({ headings, text }) => embeddingInput(document.title, headings, text));
  return {
    source: page.name,
    origin: "bench",
    mediaType: page.mediaType,
    hash: createHash("sha256").update(page.source).digest("hex"),
    fingerprint: "bench",
    bytes: Buffer.byteLength(page.source),
    title: document.title,
    summary: "",
    facts: {},
    chunks,
    vectors: embedTexts(texts, { dimensions }),
  };
}

async function save(store: Store, document: DocumentRecord): Promise<void> {
  const [outcome] = await store.save([document]);
  if (outcome?.error !== undefined) throw outcome.error;
}
