import { Chat } from "./chat.ts";
import { type Answerer, ChatAnswerer } from "./chat-answerer.ts";
import { ChatExtractor } from "./chat-extractor.ts";
import { ChatSummarizer } from "./chat-summarizer.ts";
import { type EmbeddingOptions, EmbeddingService } from "./embeddings.ts";
import { Service, type ServiceOptions } from "./service.ts";
import type { SchemaOptions, StandardSchema } from "./standard-schema.ts";
import type { Embedder, Extractor, Summarizer } from "../model/interfaces.ts";

/** Options of {@link openAICompatible}. */
export interface OpenAICompatibleOptions extends ServiceOptions, Omit<EmbeddingOptions, "model"> {
  /** The model of all parts, as far as `embeddingModel` and `chatModel` do not say otherwise. */
  readonly model?: string;
  readonly embeddingModel?: string;
  readonly chatModel?: string;
  /** What facts to draw: any Standard Schema. Default: topics, people, organisations, places, dates. */
  readonly schema?: StandardSchema;
  /** The schema as JSON Schema, for a `schema` that cannot say it itself. */
  readonly jsonSchema?: object;
  /** The most tokens of an answer. Default: the service's. */
  readonly maxTokens?: number;
  /** Default: 0. `null` leaves it to the service, for models that take no other than their own. */
  readonly temperature?: number | null;
}

/** The parts that a service of models makes up. Each can be used without the others. */
export interface OpenAICompatibleModels {
  readonly embedder: Embedder;
  readonly summarizer: Summarizer;
  readonly extractor: Extractor;
  readonly answerer: Answerer;
}

/**
 * Embeddings, summaries, facts and answers by a service that speaks OpenAI's protocol: `/embeddings` and
 * `/chat/completions`, as OpenAI, Ollama, vLLM, LM Studio, llama.cpp and most providers do.
 *
 *     const models = openAICompatible({
 *       baseUrl: "http://localhost:11434/v1",
 *       embeddingModel: "nomic-embed-text",
 *       chatModel: "llama3.2",
 *     });
 *     await ingest("docs", { store, ...models });
 *     const hits = await search(store, "how do I cancel a stream", models);
 *
 * All parts of one call share its quotas and its connections. They keep below the service's limits by themselves: they
 * learn quotas from its answers, find the concurrency that it can take, cut a batch that it refuses in half, and send
 * again what it could not do for the moment, for as long as `patience` says. What it answered is kept in the store, so
 * nothing is asked, and paid for, twice.
 * @throws TypeError, RangeError for options that make no sense.
 */
export function openAICompatible(options: OpenAICompatibleOptions & { readonly model: string }): OpenAICompatibleModels;
export function openAICompatible(
  options: OpenAICompatibleOptions & { readonly embeddingModel: string; readonly chatModel: string },
): OpenAICompatibleModels;
export function openAICompatible(
  options: OpenAICompatibleOptions & { readonly embeddingModel: string },
): Pick<OpenAICompatibleModels, "embedder">;
export function openAICompatible(
  options: OpenAICompatibleOptions & { readonly chatModel: string },
): Omit<OpenAICompatibleModels, "embedder">;
export function openAICompatible(options: OpenAICompatibleOptions): Partial<OpenAICompatibleModels> {
  const { model, embeddingModel = model, chatModel = model } = options;
  if (embeddingModel === undefined && chatModel === undefined) {
    throw new TypeError("openAICompatible: expected model, or embeddingModel, chatModel or both");
  }
  const service = new Service(options);
  return {
    ...(embeddingModel === undefined ? {} : { embedder: embedderOf(service, embeddingModel, options) }),
    ...(chatModel === undefined ? {} : chatPartsOf(service, chatModel, options)),
  };
}

function embedderOf(service: Service, model: string, options: OpenAICompatibleOptions): Embedder {
  const { dimensions, shorten, prefix } = options;
  return new EmbeddingService(service, {
    model,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(shorten === undefined ? {} : { shorten }),
    ...(prefix === undefined ? {} : { prefix }),
  });
}

/** Each with a meter of its own, for the report. */
function chatPartsOf(
  service: Service,
  model: string,
  { schema, jsonSchema, maxTokens, temperature }: OpenAICompatibleOptions,
): Omit<OpenAICompatibleModels, "embedder"> {
  const chat = (): Chat =>
    new Chat(service, {
      model,
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
    });
  const facts: SchemaOptions | undefined =
    schema === undefined ? undefined : { schema, ...(jsonSchema === undefined ? {} : { jsonSchema }) };
  return {
    summarizer: new ChatSummarizer(chat()),
    extractor: new ChatExtractor(chat(), facts),
    answerer: new ChatAnswerer(chat()),
  };
}
