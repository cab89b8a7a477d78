export type {
  Block,
  BlockKind,
  Chunk,
  DocumentRecord,
  Facts,
  Link,
  ParsedDocument,
  RawDocument,
  Refusal,
  StageName,
} from "./model/document.ts";
export type {
  AnswerCache,
  Chunker,
  Embedder,
  EmbeddingKind,
  Extractor,
  Known,
  Parser,
  PartContext,
  SaveOutcome,
  SearchFilter,
  SearchHit,
  SearchMode,
  Source,
  SourceEntry,
  Store,
  StoreQuery,
  StoreStatus,
  Summarizer,
} from "./model/interfaces.ts";
export { type Answer, type AnswerSource, ask, type AskOptions } from "./ask/ask.ts";
export { chunkDocument } from "./chunk/chunk-document.ts";
export type { ChunkingOptions } from "./chunk/chunking-options.ts";
export { embeddingInput } from "./embed/embedding-input.ts";
export { lexicalEmbedder, type LexicalEmbeddingOptions } from "./embed/lexical-embedder.ts";
export { ruleBasedExtractor, type RuleBasedFacts } from "./extract/rule-based-facts.ts";
export type { Answerer } from "./models/chat-answerer.ts";
export type { DefaultFacts } from "./models/default-facts.ts";
export {
  openAICompatible,
  type OpenAICompatibleModels,
  type OpenAICompatibleOptions,
} from "./models/openai-compatible.ts";
export type { ServiceLimits } from "./models/provider-limits.ts";
export type { FetchLike, ServiceOptions } from "./models/service.ts";
export { ServiceError, type ServiceTrouble } from "./models/service-error.ts";
export type { StandardSchema } from "./models/standard-schema.ts";
export type { ServiceUsage } from "./models/usage.ts";
export { parseDocument, type ParseInput } from "./parse/parse-document.ts";
export { UnreadableDocumentError } from "./parse/unreadable-document-error.ts";
export type { IngestEvent, IngestProgress, IngestReport, StageProgress } from "./pipeline/events.ts";
export { ingest } from "./pipeline/ingest.ts";
export type { IngestLimits, IngestOptions, SourceArgument } from "./pipeline/options.ts";
export { search, type SearchOptions } from "./search.ts";
export { FileSystemSource, type FileSystemSourceOptions } from "./sources/file-system-source.ts";
export { SourceError } from "./sources/source-error.ts";
export { sourceOf } from "./sources/source-of.ts";
export { RecordError, StoreError, type StoreErrorCode } from "./store/errors.ts";
export { openStore, type OpenStoreOptions } from "./store/open-store.ts";
export { extractiveSummarizer } from "./summarize/extractive-summary.ts";
