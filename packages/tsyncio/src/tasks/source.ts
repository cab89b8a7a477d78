import { suspend } from "../kernel/suspend.ts";
import { describeValue, isThenable } from "../kernel/values.ts";
import { CancellableIterator } from "./cancellable-iterator.ts";
import { end, item } from "./iterator-result.ts";

/** Anything that {@link iterate} can read: iterables, async iterables (Node streams are), and web streams. */
export type AnyIterable<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T> | ReadableStream<T>;

interface NodeStream {
  pipe(): unknown;
  destroy(): void;
  /** Missing in streams that are older than Node 18's. */
  readonly closed?: boolean;
  once(event: "close", listener: () => void): void;
  off(event: "close", listener: () => void): void;
}

/** What is being read, and how to leave it at once, also while an answer is pending. */
export interface OpenSource<T> {
  readonly iterator: CancellableIterator<T>;
  leave(): Promise<void>;
}

/** @throws TypeError for what cannot be read. */
export function expectSource(source: unknown, what: string): void {
  const candidate = source as { [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown; getReader?: unknown };
  if (source !== null && source !== undefined) {
    if (typeof candidate[Symbol.asyncIterator] === "function") return;
    if (typeof candidate[Symbol.iterator] === "function" || typeof candidate.getReader === "function") return;
  }
  throw new TypeError(`${what}: expected an iterable, an async iterable or a stream, got ${describeValue(source)}`);
}

/** Begins to read. @throws TypeError for what cannot be read. */
export function openSource<T>(source: AnyIterable<T>, what: string): OpenSource<T> {
  if (isWebStream(source)) return openWebStream(source, what);
  if (!(Symbol.asyncIterator in Object(source))) {
    const iterator = new CancellableIterator<T>(withAwaitedItems(source as Iterable<T | PromiseLike<T>>), what);
    return { iterator, leave: () => iterator.leave() };
  }
  const iterator = new CancellableIterator<T>(source as AsyncIterable<T>, what);
  if (!isNodeStream(source)) return { iterator, leave: () => iterator.leave() };
  return {
    iterator,
    // Its iterator is an async generator, whose return() would wait for the next chunk.
    leave: async () => {
      source.destroy();
      // A read that was pending fails then, which is no failure of the reader's.
      await iterator.leave().catch(() => {});
      await closed(source);
    },
  };
}

/** As `for await` does, awaits the items of an iterable that are promises, and closes it when one rejects. */
function withAwaitedItems<T>(source: Iterable<T | PromiseLike<T>>): Iterable<T> {
  const iterator = source[Symbol.iterator]();
  const settle = async (promise: PromiseLike<T>): Promise<IteratorResult<T, undefined>> => {
    try {
      return item(await promise);
    } catch (error) {
      iterator.return?.();
      throw error;
    }
  };
  const next = (): IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> => {
    const answer = iterator.next();
    if (answer.done === true) return end;
    return isThenable(answer.value) ? settle(answer.value) : item(answer.value);
  };
  const awaited = { next, return: () => iterator.return?.() ?? end };
  return { [Symbol.iterator]: () => awaited as Iterator<T> };
}

function isWebStream<T>(source: AnyIterable<T>): source is ReadableStream<T> {
  return typeof source === "object" && "getReader" in source && typeof source.getReader === "function";
}

function isNodeStream(source: unknown): source is NodeStream {
  const candidate = source as Partial<NodeStream>;
  return typeof candidate.pipe === "function" && typeof candidate.destroy === "function";
}

/** `reader.cancel()` ends a pending `read()`, which the stream's own iterator would wait for. */
function openWebStream<T>(stream: ReadableStream<T>, what: string): OpenSource<T> {
  const reader = stream.getReader();
  const next = async (): Promise<IteratorResult<T, undefined>> => {
    const answer = await reader.read();
    if (!answer.done) return item(answer.value);
    reader.releaseLock();
    return end;
  };
  const iterator = new CancellableIterator<T>({ [Symbol.asyncIterator]: () => ({ next }) }, what, true);
  return {
    iterator,
    leave: async () => {
      await reader.cancel();
      reader.releaseLock();
    },
  };
}

/** Waits until a stream has let go of its file or socket. */
async function closed(stream: NodeStream): Promise<void> {
  if (stream.closed !== false) return;
  await suspend<void>("the close of a stream", (wait) => {
    const listener = (): void => void wait.resolve();
    stream.once("close", listener);
    return () => stream.off("close", listener);
  });
}
