import { expectFunction } from "../kernel/values.ts";
import { type RetryPolicy, retrying } from "../resilience/retry.ts";
import { expectSource } from "../tasks/source.ts";
import { BatchStage } from "./batch-stage.ts";
import { BufferStage } from "./buffer-stage.ts";
import { callBounds, callSettings, type ItemFunction, throughWrapper, type Wrapper, wrapped } from "./calls.ts";
import { FlatMapStage } from "./flat-map-stage.ts";
import { FlowIterator } from "./flow-iterator.ts";
import { type Branches, expectBranches, forkCall, type Joined } from "./fork.ts";
import { FilterStage, SkipStage, TakeStage } from "./inline-stages.ts";
import type { Iteration, Opening } from "./iteration.ts";
import { type CallSettings, MapStage } from "./map-stage.ts";
import type { BatchOptions, BufferOptions, CallOptions, CostlyThrough, FlowOptions, Through } from "./options.ts";
import type { Pull } from "./pull.ts";
import { readAll } from "./read-all.ts";
import { batchSettings, bufferSettings, expectCount } from "./settings.ts";
import { type FlowSource, SourceReader } from "./source.ts";

/**
 * # Flows
 *
 * A flow is a recipe: a source, and stages behind it. Nothing runs until it is read, by a terminal operation
 * (`forEach`, `collect`, `reduce`) or by `for await`; each reading is an {@link Iteration} of its own.
 *
 *     source ◀── map ◀── filter ◀── batch ◀── forEach          each reads from the one before it
 *                 │                   │          │
 *              outlet              outlet     outlet           and lays its results down where the next one takes them
 *
 * **Stages.** Those with calls or a buffer (`map`, `flatMap`, `fork`, `batch`, `buffer`, `forEach`) work by themselves:
 * each has a task that reads upstream while there is room, so all of them overlap, and what there is room for is
 * bounded. That is all there is to back-pressure: a stage whose results are not taken stops reading, and so does the one
 * before it. `filter`, `take` and `skip` have no task; they work in that of their reader.
 *
 * **Who owns the tasks.** A generator that opened a scope and yielded inside would leave it open in its reader's
 * context, and cancellations would strike the wrong one (Python's PEP 789 is about exactly that). So no scope is held
 * open across a yield, and no stage is a generator. A terminal operation opens the scope of its iteration, works in it,
 * waits until all tasks have ended, and closes it, as a group does. The iterator of a `for await` is an object; the
 * scope of its iteration is a child of the one in which the iterator was *made*, that of the loop: so cancelling the
 * loop cancels the stages, while cancelling a single `next()` (in a `timeout` around it) leaves them alone. The body
 * of the loop runs in its own scope, not in the flow's. An iterator that is used by hand is read to its end, or left
 * with `return()`, or declared with `await using`.
 *
 * **Ends.** The first failure, of the source or of a call, cancels everything else, leaves the source, and is thrown
 * when all have ended, with those that came after it in `suppressed`; results that nobody has taken by then are
 * dropped. Leaving early and a cancellation do the same without a failure. The source's `return()` is called exactly
 * once, unless it ended or failed by itself.
 */
export class Flow<T> implements AsyncIterable<T> {
  /** @internal */
  protected readonly opening: Opening<T>;

  /** @internal */
  constructor(opening: Opening<T>) {
    this.opening = opening;
  }

  /**
   * Calls `fn` with each item, at most `limit` calls at a time, each in a task of its own, and passes on the results.
   * The calls begin in the order of the items. Beside the calls that run, the stage holds finished results, so that a
   * slow call does not hold up the others: at most `2 × limit` items in all. It is thus ahead of its reader, also with
   * the default limit of 1; put a `take` before it to bound what is called.
   */
  map<R>(fn: ItemFunction<T, R>, options: CallOptions = {}): MappedFlow<T, Awaited<R>> {
    const settings = callSettings(fn as ItemFunction<T, Awaited<R>>, options, "map");
    return this.calling((iteration, wrap) => new MapStage(iteration, this.opening.open(iteration), wrap(settings)));
  }

  /**
   * Calls `fn` with each item, and passes on the items of the iterables that it gives (arrays, async iterables,
   * streams, other flows). At most `limit` of these are read at a time, each at most `limit` items ahead; their items
   * come one iterable after the other, or with `ordered: false` as they are read.
   *
   *     await flow(sitemaps).flatMap((url) => pagesOf(url), { limit: 4 }).forEach(visit);
   */
  flatMap<R>(
    fn: ItemFunction<T, FlowSource<R> | PromiseLike<FlowSource<R>>>,
    options: CallOptions = {},
  ): MappedFlow<T, Awaited<R>> {
    const settings = callSettings(fn as ItemFunction<T, FlowSource<Awaited<R>>>, options, "flatMap");
    return this.calling((iteration, wrap) => new FlatMapStage(iteration, this.opening.open(iteration), wrap(settings)));
  }

  /**
   * Runs several functions on each item at once, and joins their results; at most `limit` items at a time. If one
   * fails, the others are cancelled and awaited, as in `gather`. Each branch has statistics of its own.
   *
   *     await flow(documents).fork({ vectors: embed, summary: summarise }, { limit: 8 }).forEach(
   *       ({ item, vectors, summary }) => save(item, vectors, summary),
   *     );
   */
  fork<B extends Branches<T>>(branches: B, options: CallOptions = {}): MappedFlow<T, Joined<T, B>> {
    expectBranches(branches);
    const bounds = callBounds(options, "fork", "fork");
    return this.calling((iteration, wrap) => {
      const call = forkCall<T, B>(branches, bounds.name, iteration);
      return new MapStage(iteration, this.opening.open(iteration), wrap({ call, ...bounds }));
    });
  }

  private calling<R>(build: CallBuilder<T, R>): MappedFlow<T, R> {
    return new MappedFlow<T, R>(this.opening.onStats, build, []);
  }

  /** Passes on the items for which the predicate holds. A predicate that waits is called for one item at a time. */
  filter<S extends T>(predicate: (item: T, index: number) => item is S): Flow<S>;
  filter(predicate: (item: T, index: number) => unknown): Flow<T>;
  filter(predicate: (item: T, index: number) => unknown): Flow<T> {
    expectFunction(predicate, "filter");
    return this.followedBy((upstream) => new FilterStage(upstream, predicate));
  }

  /** Passes on the first `count` items. Leaves everything before it with the last of them, without waiting for that. */
  take(count: number): Flow<T> {
    expectCount(count, "take");
    return this.followedBy((upstream, iteration) => new TakeStage(iteration, upstream, count));
  }

  /** Drops the first `count` items. */
  skip(count: number): Flow<T> {
    expectCount(count, "skip");
    return this.followedBy((upstream) => new SkipStage(upstream, count));
  }

  /**
   * Collects items into arrays of at most `items` items and at most `size` in all. A batch goes on when it is full, when
   * `maxWait` has passed since its first item, and at the end; one that cannot go on, because the one before it has not
   * been taken, goes on growing until it is full.
   *
   *     const batches = flow(chunks).batch({ items: 64, size: 8_000, measure: (chunk) => chunk.tokens, maxWait: "20ms" });
   *     await batches.map(embed).forEach(save);
   */
  batch(options: BatchOptions<T>): Flow<T[]> {
    const settings = batchSettings(options);
    return this.followedBy((upstream, iteration) => new BatchStage(iteration, upstream, settings).start());
  }

  /**
   * Reads ahead of the next stage, up to `items` items and `bytes` bytes, so that the two can be uneven. One more item
   * may have been read and wait for room.
   *
   *     await flow(files).map(read).buffer({ items: 100, bytes: 64 * 2 ** 20 }).map(parse).forEach(save);
   */
  buffer(options: BufferOptions<T>): Flow<T> {
    const settings = bufferSettings(options);
    return this.followedBy((upstream, iteration) => new BufferStage(iteration, upstream, settings).start());
  }

  private followedBy<R>(stage: (upstream: Pull<T>, iteration: Iteration) => Pull<R>): Flow<R> {
    const { open, onStats } = this.opening;
    return new Flow<R>({ onStats, open: (iteration) => stage(open(iteration), iteration) });
  }

  /** Calls `fn` with each item, at most `limit` (default: 1) at a time, and resolves when all calls have ended. */
  async forEach(fn: ItemFunction<T, unknown>, options: Omit<CallOptions, "ordered"> = {}): Promise<void> {
    const settings = { ...callSettings(fn, options, "forEach"), ordered: false };
    const calls = this.calling((iteration, wrap) => {
      return new MapStage(iteration, this.opening.open(iteration), wrap(settings));
    });
    await readAll(calls.opening, () => {});
  }

  /** Resolves to all items. */
  async collect(): Promise<T[]> {
    const items: T[] = [];
    await readAll(this.opening, (item) => void items.push(item));
    return items;
  }

  /** Combines all items, one after the other, with what came out before; resolves to the last result. */
  async reduce<A>(fn: (result: A, item: T, index: number) => A | PromiseLike<A>, initial: A): Promise<A> {
    expectFunction(fn, "reduce");
    let result = initial;
    await readAll(this.opening, async (item, index) => {
      result = await fn(result, item, index);
    });
    return result;
  }

  /** The iterator of one reading. It belongs to the current scope: when that is cancelled, the stages are. */
  [Symbol.asyncIterator](): FlowIterator<T> {
    return new FlowIterator(this.opening);
  }
}

/** Makes the stage that does calls, once it is known what they are wrapped in. */
type CallBuilder<I, O> = (
  iteration: Iteration,
  wrap: <R>(settings: CallSettings<I, R>) => CallSettings<I, R>,
) => MapStage<I, O> | FlatMapStage<I, O>;

/** A flow whose last stage calls a function. What the calls are to go through can be added. */
export class MappedFlow<I, O> extends Flow<O> {
  private readonly build: CallBuilder<I, O>;
  private readonly wrappers: readonly Wrapper<I>[];

  /** @internal */
  constructor(onStats: Opening<O>["onStats"], build: CallBuilder<I, O>, wrappers: readonly Wrapper<I>[]) {
    super({
      onStats,
      open: (iteration) =>
        build(iteration, (settings) => wrappers.reduce((calls, wrapper) => wrapped(calls, wrapper), settings)).start(),
    });
    this.build = build;
    this.wrappers = wrappers;
  }

  /**
   * Lets each call of the stage before it go through a limiter: a function that calls what it is given, or an object
   * with `run`. With `cost`, its `run` is given what the call for an item costs. A call that waits there takes one of
   * the stage's places.
   *
   *     const limiter = new RateLimiter({ requests: { limit: 500, per: "1m" }, tokens: { limit: 200_000, per: "1m" } });
   *     const vectors = flow(batches).map(embed, { limit: 8 });
   *     await vectors.through(limiter, (batch) => ({ requests: 1, tokens: batch.tokens })).forEach(save);
   */
  through(limiter: Through): MappedFlow<I, O>;
  through<C>(limiter: CostlyThrough<C>, cost: (item: I) => C): MappedFlow<I, O>;
  through<C>(limiter: Through | CostlyThrough<C>, cost?: (item: I) => C): MappedFlow<I, O> {
    return this.wrappedIn(throughWrapper(limiter, cost));
  }

  /**
   * Repeats each failed call of the stage before it, as `retry` of `tsyncio/resilience` does. The order counts:
   * `.map(fn).through(limiter).retry(policy)` passes the limiter with each attempt, `.map(fn).retry(policy)
   * .through(limiter)` once for all attempts of an item. What `flatMap` reads from an iterable is not repeated.
   */
  retry(policy: RetryPolicy): MappedFlow<I, O> {
    const again = retrying(policy);
    return this.wrappedIn(async (call) => await again(call));
  }

  private wrappedIn(wrapper: Wrapper<I>): MappedFlow<I, O> {
    return new MappedFlow(this.opening.onStats, this.build, [...this.wrappers, wrapper]);
  }
}

/**
 * A flow over any iterable, async iterable, Node stream or web stream.
 *
 *     await flow(urls)
 *       .map(download, { limit: 8, ordered: false })
 *       .retry({ attempts: 3 })
 *       .filter((page) => page.ok)
 *       .batch({ items: 100, maxWait: "1s" })
 *       .forEach(save);
 *
 * @throws TypeError for what cannot be read.
 */
export function flow<T>(source: FlowSource<T>, options: FlowOptions = {}): Flow<Awaited<T>> {
  expectSource(source, "flow");
  return new Flow<Awaited<T>>({
    onStats: options.onStats,
    open: (iteration) => {
      const counters = iteration.counters(options.name ?? "source");
      return new SourceReader<Awaited<T>>(source as FlowSource<Awaited<T>>, "flow", counters);
    },
  });
}
