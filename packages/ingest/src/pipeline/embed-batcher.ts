import { type Duration, Future, isCancelled, Semaphore, type TaskGroup, sleep, yieldNow } from "tsyncio";
import type { Embedder } from "../model/interfaces.ts";
import { endsTheRun } from "../models/service-error.ts";
import type { KeptVectors } from "./kept-vectors.ts";
import { withinStageTime } from "./stage-time.ts";

/** A text to embed, and how long it is about. */
export interface EmbeddingText {
  readonly text: string;
  readonly tokens: number;
}

/** What one document waits for: the vectors of all its texts. */
class Order {
  readonly vectors: Future<readonly Float32Array[]> = new Future({ name: "the vectors of a document" });
  private readonly arrived: Float32Array[];
  private missing: number;

  constructor(size: number) {
    this.arrived = Array.from({ length: size });
    this.missing = size;
    if (size === 0) this.vectors.setResult([]);
  }

  deliver(index: number, vector: Float32Array): void {
    this.arrived[index] = vector;
    this.missing -= 1;
    if (this.missing === 0) this.vectors.setResult(this.arrived);
  }

  fail(error: unknown): void {
    if (!this.vectors.done()) this.vectors.setException(error);
  }
}

/** One text of a document. */
interface Request extends EmbeddingText {
  readonly order: Order;
  readonly index: number;
}

/** How the embedder may be called. */
export interface EmbedCalls {
  /** At most so many calls at once. */
  readonly calls: number;
  /** How long one call may take; undefined for an embedder that keeps to its own time. */
  readonly time: Duration | undefined;
  /** Vectors that are there already, and where new ones are kept; undefined for an embedder that costs next to nothing. */
  readonly kept: KeptVectors | undefined;
}

/** How long a text waits for others to share a call with, in milliseconds. */
const maxWait = 10;

const textsPerTurn = 256;

/**
 * Lets many documents share calls of an embedder. Texts are put together in the order of their coming, up to the
 * embedder's limits of items and tokens; a batch that is not full goes when its first text has waited `maxWait`.
 * The calls belong to the group, so a document that is cancelled does not take those away that share a call with it.
 *
 * A call that fails is made again for each of its documents alone: the one at fault is refused, the others are not.
 */
export class EmbedBatcher {
  private readonly embedder: Embedder;
  private readonly group: TaskGroup;
  private readonly slots: Semaphore;
  private readonly time: Duration | undefined;
  private readonly kept: KeptVectors | undefined;
  private open: Request[] = [];
  private openTokens = 0;

  constructor(embedder: Embedder, group: TaskGroup, { calls, time, kept }: EmbedCalls) {
    this.embedder = embedder;
    this.group = group;
    this.slots = new Semaphore(calls);
    this.time = time;
    this.kept = kept;
  }

  /** One vector a text of a document, in the same order. Rejects if a call that holds one of the texts fails. */
  async embed(texts: readonly EmbeddingText[]): Promise<readonly Float32Array[]> {
    const order = new Order(texts.length);
    const kept = (await this.kept?.find(texts.map(({ text }) => text))) ?? [];
    for (const [index, { text, tokens }] of texts.entries()) {
      const vector = kept[index];
      if (vector === undefined) this.add({ text, tokens, order, index });
      else order.deliver(index, vector);
      // A document may have a hundred thousand passages, and the main loop has other things to do.
      if (index % textsPerTurn === textsPerTurn - 1) await yieldNow();
    }
    return order.vectors;
  }

  private add(request: Request): void {
    const { items, tokens } = this.embedder.batch;
    if (this.open.length > 0 && this.openTokens + request.tokens > tokens) this.flush();
    this.open.push(request);
    this.openTokens += request.tokens;
    if (this.open.length >= items || this.openTokens >= tokens) this.flush();
    else if (this.open.length === 1) this.flushLater(this.open);
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
    this.group.createTask(() => this.serve(batch), { name: `embed ${batch.length} texts` });
  }

  private async serve(batch: readonly Request[]): Promise<void> {
    try {
      await this.call(batch);
    } catch (error) {
      const documents = Map.groupBy(batch, ({ order }) => order);
      if (documents.size === 1 || isCancelled(error) || endsTheRun(error))
        for (const order of documents.keys()) order.fail(error);
      else for (const requests of documents.values()) await this.serve(requests);
    }
  }

  private async call(batch: readonly Request[]): Promise<void> {
    const texts = batch.map(({ text }) => text);
    const { time, embedder } = this;
    using _slot = await this.slots.acquire();
    const ask = (): Promise<readonly Float32Array[]> => embedder.embed(texts, "document");
    const vectors = await (time === undefined ? ask() : withinStageTime(time, ask));
    this.check(vectors, batch.length);
    await this.kept?.keep(texts, vectors);
    for (const [place, { order, index }] of batch.entries()) order.deliver(index, vectors[place] as Float32Array);
  }

  /** A wrong vector in the store is worse than a refused document. */
  private check(vectors: readonly Float32Array[], expected: number): void {
    const { dimensions } = this.embedder;
    if (!Array.isArray(vectors)) throw new TypeError("the embedder gave no array of vectors");
    if (vectors.length !== expected) {
      throw new Error(`the embedder gave ${vectors.length} vectors for ${expected} texts`);
    }
    for (const vector of vectors) {
      if (!(vector instanceof Float32Array)) throw new TypeError("the embedder gave a vector that is no Float32Array");
      if (vector.length !== dimensions) {
        throw new Error(`the embedder gave a vector of ${vector.length} dimensions instead of ${dimensions}`);
      }
      if (!isFinite(vector)) {
        throw new Error("the embedder gave a vector with a number that is not finite");
      }
    }
  }
}

/** NaN and the infinities survive every addition, so the sum tells of them all. */
function isFinite(vector: Float32Array): boolean {
  let sum = 0;
  for (const number of vector) sum += number;
  return Number.isFinite(sum);
}
