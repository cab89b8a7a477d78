import type { AnswerCache, Embedder } from "../model/interfaces.ts";
import { answerKey } from "../models/kept-answer.ts";

/** The vectors of an embedder that need not be asked for again: they are kept by their text. */
export class KeptVectors {
  private readonly answers: AnswerCache;
  private readonly keyOf: (text: string) => string;

  constructor(embedder: Embedder, answers: AnswerCache) {
    this.answers = answers;
    this.keyOf = (text) => answerKey("vector", embedder.fingerprint, String(embedder.dimensions), text);
  }

  /** A vector, or undefined, for each text. */
  async find(texts: readonly string[]): Promise<readonly (Float32Array | undefined)[]> {
    const keys = texts.map(this.keyOf);
    const kept = await this.answers.get(keys);
    return keys.map((key) => {
      const bytes = kept.get(key);
      // A copy, because a view of floats must begin at a multiple of four.
      return bytes === undefined ? undefined : new Float32Array(bytes.slice().buffer);
    });
  }

  /** Keeps vectors; they are durable when it resolves. */
  keep(texts: readonly string[], vectors: readonly Float32Array[]): Promise<void> {
    return this.answers.put(
      new Map(texts.map((text, index) => [this.keyOf(text), bytesOf(vectors[index] as Float32Array)])),
    );
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
