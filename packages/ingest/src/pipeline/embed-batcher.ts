import { Future, Semaphore, type TaskGroup, sleep } from "tsyncio";
import { estimateTokens } from "../chunk/estimate-tokens.ts";
import type { Embedder } from "../model/interfaces.ts";

interface Request {
  readonly text: string;
  readonly tokens: number;
  readonly vector: Future<Float32Array>;
}

/** How long a text waits for others to share a call with, in milliseconds. */
const maxWait = 10;

/**
 * Lets many documents share calls of an embedder. Texts are put together in the order of their coming, up to the
 * embedder's limits of items and tokens; a batch that is not full goes when its first text has waited `maxWait`.
 * The calls belong to the group, so a document that is cancelled does not take those away that share a call with it.
 */
export class EmbedBatcher {
  private readonly embedder: Embedder;
  private readonly group: TaskGroup;
  private readonly slots: Semaphore;
  private open: Request[] = [];
  private openTokens = 0;

  constructor(embedder: Embedder, group: TaskGroup, concurrency: number) {
    this.embedder = embedder;
    this.group = group;
    this.slots = new Semaphore(concurrency);
  }

  /** One vector a text, in the same order. Rejects if a call that holds one of the texts fails. */
  async embed(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const vector of texts.map((text) => this.add(text))) vectors.push(await vector);
    return vectors;
  }

  private add(text: string): Future<Float32Array> {
    const request: Request = { text, tokens: estimateTokens(text), vector: new Future() };
    const { items, tokens } = this.embedder.batch;
    if (this.open.length > 0 && this.openTokens + request.tokens > tokens) this.flush();
    this.open.push(request);
    this.openTokens += request.tokens;
    if (this.open.length >= items || this.openTokens >= tokens) this.flush();
    else if (this.open.length === 1) this.flushLater(this.open);
    return request.vector;
  }

  private flushLater(batch: Request[]): void {
    this.group.createTask(
      async () => {
        await sleep(maxWait);
        if (this.open === batch) this.flush();
      },
      { name: "embed: wait for a full batch" },
    );
  }

  private flush(): void {
    const batch = this.open;
    this.open = [];
    this.openTokens = 0;
    this.group.createTask(() => this.call(batch), { name: `embed ${batch.length} texts` });
  }

  private async call(batch: readonly Request[]): Promise<void> {
    try {
      using _slot = await this.slots.acquire();
      const vectors = await this.embedder.embed(
        batch.map(({ text }) => text),
        "document",
      );
      this.check(vectors, batch.length);
      for (const [index, { vector }] of batch.entries()) vector.setResult(vectors[index] as Float32Array);
    } catch (error) {
      for (const { vector } of batch) if (!vector.done()) vector.setException(error);
    }
  }

  /** A wrong vector in the store is worse than a refused document. */
  private check(vectors: readonly Float32Array[], expected: number): void {
    const { dimensions } = this.embedder;
    if (vectors.length !== expected) {
      throw new Error(`the embedder gave ${vectors.length} vectors for ${expected} texts`);
    }
    for (const vector of vectors) {
      if (vector.length !== dimensions) {
        throw new Error(`the embedder gave a vector of ${vector.length} dimensions instead of ${dimensions}`);
      }
      if (!vector.every(Number.isFinite))
        throw new Error("the embedder gave a vector with a number that is not finite");
    }
  }
}
