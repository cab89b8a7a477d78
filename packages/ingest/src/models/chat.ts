import { createParser } from "eventsource-parser";
import { estimateTokens } from "../chunk/estimate-tokens.ts";
import { countOf, readJson } from "./read-answer.ts";
import { ServiceError } from "./service-error.ts";
import type { Service } from "./service.ts";
import { UsageMeter } from "./usage.ts";

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** How a model is asked to answer. */
export interface ChatOptions {
  readonly model: string;
  /** The most tokens of the answer. Default: the service's. */
  readonly maxTokens?: number;
  /** Default: 0, the likeliest answer each time. `null` leaves it to the service. */
  readonly temperature?: number | null;
}

/** `response_format` of a request: that the answer be JSON, of a schema if the service can do that. */
export type ResponseFormat =
  | {
      readonly type: "json_schema";
      readonly json_schema: { readonly name: string; readonly schema: object; readonly strict?: boolean };
    }
  | { readonly type: "json_object" };

/** An answer that is whole. */
export interface ChatAnswer {
  readonly text: string;
  /** `length`: the answer was cut off at the limit of tokens. */
  readonly finish: "stop" | "length";
}

interface Choice {
  readonly message?: { readonly content?: unknown; readonly refusal?: unknown };
  readonly delta?: { readonly content?: unknown; readonly refusal?: unknown };
  readonly finish_reason?: unknown;
}

interface Completion {
  readonly choices?: readonly Choice[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
  readonly error?: { readonly message?: unknown };
}

/** Asks an OpenAI-compatible `/chat/completions`. */
export class Chat {
  readonly service: Service;
  readonly options: ChatOptions;
  readonly usage: UsageMeter = new UsageMeter();

  constructor(service: Service, options: ChatOptions) {
    this.service = service;
    this.options = options;
  }

  /** The whole answer. @throws ServiceError for a refusal and for an answer that is none. */
  async complete(messages: readonly Message[], format?: ResponseFormat): Promise<ChatAnswer> {
    const body = { ...this.request(messages), ...(format === undefined ? {} : { response_format: format }) };
    const tokens = this.cost(messages);
    return this.service.post("/chat/completions", body, { tokens, usage: this.usage }, async (response) => {
      const answer = await readJson<Completion>(response, "/chat/completions");
      const choice = answer.choices?.[0];
      const text = choice?.message?.content;
      refuseRefusal(choice?.message?.refusal);
      this.count(answer, tokens, typeof text === "string" ? text : "");
      if (choice?.finish_reason === "content_filter") throw refused("its content filter stopped the answer");
      if (typeof text !== "string" || text.trim() === "") {
        throw new ServiceError("bad-request", `${this.options.model} gave an empty answer`);
      }
      return { text, finish: choice?.finish_reason === "length" ? "length" : "stop" };
    });
  }

  /**
   * The answer as it is written, handed over piece by piece; resolves to the whole of it. Once a piece has been handed
   * over, a failure is not made good by asking again.
   */
  async stream(messages: readonly Message[], onText: (piece: string) => void): Promise<ChatAnswer> {
    const body = { ...this.request(messages), stream: true, stream_options: { include_usage: true } };
    const tokens = this.cost(messages);
    return this.service.post("/chat/completions", body, { tokens, usage: this.usage }, async (response) => {
      const answer = new StreamedAnswer(onText);
      try {
        await answer.read(response);
      } catch (error) {
        if (answer.text === "" || error instanceof ServiceError) throw error;
        throw new ServiceError("bad-request", "the answer broke off", { cause: error });
      }
      this.count(answer, tokens, answer.text);
      return { text: answer.text, finish: answer.finish === "length" ? "length" : "stop" };
    });
  }

  private request(messages: readonly Message[]): object {
    const { model, maxTokens, temperature = 0 } = this.options;
    return {
      model,
      messages,
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...(temperature === null ? {} : { temperature }),
    };
  }

  private cost(messages: readonly Message[]): number {
    const read = messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
    return read + (this.options.maxTokens ?? 0);
  }

  private count({ usage }: { readonly usage?: Completion["usage"] }, tokens: number, text: string): void {
    this.usage.inputTokens += countOf(usage?.prompt_tokens) ?? tokens;
    this.usage.outputTokens += countOf(usage?.completion_tokens) ?? estimateTokens(text);
  }
}

/** An answer that arrives as server-sent events. */
class StreamedAnswer {
  text = "";
  finish: unknown;
  usage: Completion["usage"];
  private readonly onText: (piece: string) => void;

  constructor(onText: (piece: string) => void) {
    this.onText = onText;
  }

  async read(response: Response): Promise<void> {
    const parser = createParser({ onEvent: ({ data }) => this.take(data) });
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }));
    if (this.finish === undefined) throw new Error("the stream ended before the answer did");
  }

  private take(data: string): void {
    if (data === "[DONE]") return;
    const event = JSON.parse(data) as Completion;
    if (event.error !== undefined) throw new ServiceError("failure", String(event.error.message));
    if (event.usage !== null && event.usage !== undefined) this.usage = event.usage;
    const choice = event.choices?.[0];
    if (choice === undefined) return;
    refuseRefusal(choice.delta?.refusal);
    const piece = choice.delta?.content;
    if (typeof piece === "string" && piece !== "") {
      this.text += piece;
      this.onText(piece);
    }
    this.finish = choice.finish_reason ?? this.finish;
  }
}

function refuseRefusal(refusal: unknown): void {
  if (typeof refusal === "string" && refusal !== "") throw refused(refusal);
}

function refused(reason: string): ServiceError {
  return new ServiceError("bad-request", `the model refused: ${reason}`);
}
