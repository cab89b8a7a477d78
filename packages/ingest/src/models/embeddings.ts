import type { Embedder, EmbeddingKind } from "../model/interfaces.ts";
import { estimateTokens } from "../chunk/estimate-tokens.ts";
import { countOf, readJson, senseless } from "./read-answer.ts";
import { ServiceError } from "./service-error.ts";
import type { Service } from "./service.ts";
import { type ServiceUsage, UsageMeter } from "./usage.ts";

/** How texts are embedded. */
export interface EmbeddingOptions {
  readonly model: string;
  /** The length of the vectors. Default: asked of the service before the first document. */
  readonly dimensions?: number;
  /** Whether the service is asked to shorten its vectors to `dimensions`. Default: false. */
  readonly shorten?: boolean;
  /** What is put before each text, by its kind; some models need it, such as `"query: "` and `"passage: "`. */
  readonly prefix?: Partial<Readonly<Record<EmbeddingKind, string>>>;
}

/** What `/embeddings` answers, as far as it is used. Nothing of it is believed unseen. */
interface EmbeddingsAnswer {
  readonly data?: readonly { readonly index?: unknown; readonly embedding?: unknown }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly total_tokens?: unknown };
}

/** An embedder that asks an OpenAI-compatible `/embeddings`. */
export class EmbeddingService implements Embedder {
  readonly fingerprint: string;
  readonly selfLimiting = true;
  readonly paid = true;
  private readonly service: Service;
  private readonly options: EmbeddingOptions;
  private readonly meter: UsageMeter = new UsageMeter();
  private known: number | undefined;
  /** The most tokens in a request; less once the service has refused that much. */
  private tokens: number;

  constructor(service: Service, options: EmbeddingOptions) {
    const { model, dimensions, shorten = false, prefix = {} } = options;
    this.service = service;
    this.options = options;
    this.known = dimensions;
    this.tokens = service.limits.tokensPerRequest;
    this.fingerprint = `openai-compatible/1 ${JSON.stringify([model, shorten ? dimensions : null, prefix])}`;
  }

  get batch(): { readonly items: number; readonly tokens: number } {
    return { items: this.service.limits.itemsPerRequest, tokens: this.tokens };
  }

  /** @throws Error before it is known: see {@link prepare}. */
  get dimensions(): number {
    if (this.known !== undefined) return this.known;
    throw new Error(
      `the length of the vectors of ${this.options.model} is not known yet: call prepare(), or give dimensions`,
    );
  }

  /** Asks the service for one vector, to learn how long they are, unless that is known. */
  async prepare(): Promise<void> {
    if (this.known !== undefined) return;
    const [vector] = await this.ask(["dimensions"], 1);
    this.known = (vector as Float32Array).length;
  }

  async embed(texts: readonly string[], kind: EmbeddingKind): Promise<readonly Float32Array[]> {
    if (texts.length === 0) return [];
    const prefix = this.options.prefix?.[kind] ?? "";
    return this.embedAll(texts.map((text) => prefix + text));
  }

  usage(): ServiceUsage {
    return this.meter.total();
  }

  /** A request that is too large for the service is cut in half, and those to come are no larger than that. */
  private async embedAll(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    try {
      return await this.ask(texts, tokens);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.trouble !== "too-large") throw error;
      if (texts.length === 1) {
        const text = `a passage of about ${tokens} tokens is too long for ${this.options.model}; chunking.maxTokens makes them shorter`;
        throw new ServiceError("bad-request", `${text} (${error.message})`, { status: error.status, cause: error });
      }
      this.tokens = Math.min(this.tokens, Math.max(1, Math.floor(tokens / 2)));
      const middle = Math.ceil(texts.length / 2);
      return [...(await this.embedAll(texts.slice(0, middle))), ...(await this.embedAll(texts.slice(middle)))];
    }
  }

  private async ask(texts: readonly string[], tokens: number): Promise<readonly Float32Array[]> {
    const { model, shorten, dimensions } = this.options;
    const body = {
      model,
      input: texts,
      encoding_format: "float",
      ...(shorten === true && dimensions !== undefined ? { dimensions } : {}),
    };
    return this.service.post("/embeddings", body, { tokens, usage: this.meter }, async (response) => {
      const answer = await readJson<EmbeddingsAnswer>(response, "/embeddings");
      this.meter.inputTokens += countOf(answer.usage?.total_tokens ?? answer.usage?.prompt_tokens) ?? tokens;
      return this.vectorsOf(answer, texts.length);
    });
  }

  /** The vectors in the order of the texts. An answer's order means nothing: its `index` says which text it is about. */
  private vectorsOf({ data }: EmbeddingsAnswer, expected: number): readonly Float32Array[] {
    if (!Array.isArray(data)) throw senseless("no list of vectors");
    if (data.length !== expected) throw senseless(`${data.length} vectors for ${expected} texts`);
    const vectors: Float32Array[] = Array.from({ length: expected });
    const numbered = data.some((item: { readonly index?: unknown }) => item?.index !== undefined);
    for (const [position, item] of data.entries()) {
      const { index, embedding } = (item ?? {}) as { readonly index?: unknown; readonly embedding?: unknown };
      const place = numbered ? index : position;
      if (typeof place !== "number" || !(place in vectors) || !Number.isInteger(place)) {
        throw senseless(`a vector for text ${String(place)} of ${expected}`);
      }
      if (vectors[place] !== undefined) throw senseless(`two vectors for text ${place}`);
      vectors[place] = this.vectorOf(embedding);
    }
    return vectors;
  }

  private vectorOf(embedding: unknown): Float32Array {
    if (!Array.isArray(embedding) || embedding.length === 0) throw senseless("something else than a vector");
    if (this.known !== undefined && embedding.length !== this.known) {
      throw senseless(`a vector of ${embedding.length} dimensions instead of ${this.known}`);
    }
    const vector = Float32Array.from(embedding as number[]);
    if (!vector.every(Number.isFinite)) throw senseless("a vector with a number that is not finite");
    return vector;
  }
}
