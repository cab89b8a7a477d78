import { currentScope } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { expectFunction } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { BlockScope } from "./block-scope.ts";
import { Crew } from "./crew.ts";
import { iterate, type PromptIterator } from "./iterate.ts";
import { end, item } from "./iterator-result.ts";

/**
 * # Scopes and `yield`
 *
 * An async generator runs in the context of whoever calls `next()`, one step in this task and the next in another. So a
 * wait in its body is cut by the timeout of one impatient reader, its failures strike where they do not belong, and a
 * `timeout` or group around a `yield` cannot even be written: the body of such a block is a function of its own. (In
 * Python it can be, and goes wrong: PEP 789.) Here the body runs in a task from beginning to end, and hands each item over
 * to a reader: what it opens around a hand-over stays its own.
 */

/**
 * The items that a function sends, as an iterator. The function runs in a task of its own, from the first `next()` on;
 * `send(item)` hands an item to the reader, and waits until it is taken. So `timeout`, `taskGroup` and all else may stand
 * around a `send`; the time that the reader takes counts there.
 *
 *     const pages = produce<string>(async (send) => {
 *       await taskGroup((group) => {
 *         for (const url of urls) group.createTask(async () => send(await fetchPage(url)));
 *       });
 *     });
 *     for await (const page of pages) {
 *       console.log(page.length); // 33
 *       break; // cancels the task, and waits until it has ended
 *     }
 *
 * What the function throws comes out of the reader's `next()`, once its task has ended. Leaving the iterator (`break`,
 * `return()`, disposal) cancels the task and waits for its end; so does a cancellation of the scope in which `produce` was
 * called. A `next()` that a narrower scope cancels takes no item, a `send` that is cancelled hands over none. Readers are
 * served in the order of their coming, and so are senders: several tasks inside may send. A `send` after the function has
 * returned waits until it is cancelled with its task.
 */
export function produce<T>(body: (send: (value: T) => Promise<void>) => unknown): PromptIterator<T> {
  expectFunction(body, "produce");
  return new Production(body);
}

/**
 * Makes an async generator function safe: its calls run the generator in a task of its own, with one current task and one
 * scope from beginning to end, and hand its items over; see {@link produce}. It runs ahead of its reader by one item. (The
 * name is trio's, `as_safe_channel`.)
 *
 *     const pages = asSafeChannel(async function* (count: number) {
 *       for (let page = 1; page <= count; page += 1) yield await timeout("1s", () => fetchPage(`${url}?page=${page}`));
 *     });
 *     for await (const page of pages(2)) console.log(page.length); // 38
 */
export function asSafeChannel<A extends unknown[], T>(
  generator: (...args: A) => AsyncIterable<T>,
): (...args: A) => PromptIterator<T> {
  expectFunction(generator, "asSafeChannel");
  return (...args) =>
    produce<T>(async (send) => {
      for await (const value of iterate(generator(...args))) await send(value);
    });
}

interface Offer<T> {
  readonly value: T;
  readonly wait: Wait<void>;
}

/**
 *     unopened ──next()──▶ running ──the task has ended──▶ ended
 *         │                   └──return()──▶ leaving ────────▲
 *         └──return()────────────────────────────────────────┘
 *
 * Never both: readers who wait, and offers.
 */
class Production<T> implements PromptIterator<T> {
  private readonly body: (send: (value: T) => Promise<void>) => unknown;
  private readonly owner: Scope = currentScope();
  private home: BlockScope | null = null;
  private crew: Crew | null = null;
  private phase: "unopened" | "running" | "leaving" | "ended" = "unopened";
  /** What the task failed with, until somebody is told. */
  private failure: { readonly error: unknown } | null = null;
  private readonly offers: Set<Offer<T>> = new Set();
  private readonly readers: Set<Wait<IteratorResult<T, undefined>>> = new Set();

  constructor(body: (send: (value: T) => Promise<void>) => unknown) {
    this.body = body;
  }

  private send(value: T): Promise<void> {
    const reader = firstPending(this.readers, (reader) => reader);
    if (reader !== undefined) {
      return immediate(() => {
        this.readers.delete(reader);
        reader.resolve(item(value));
      });
    }
    return suspend<void>("a reader of what is produced", (wait) => {
      const offer = { value, wait };
      this.offers.add(offer);
      return () => this.offers.delete(offer);
    });
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.phase === "unopened" && !currentScope().cancelled) this.start();
    try {
      return await this.take();
    } catch (error) {
      // A cancelled loop does not call return(). The caller of a next() that alone was cancelled may go on.
      if (this.home !== null && this.home.effective !== null) await this.leave();
      throw error;
    }
  }

  private take(): Promise<IteratorResult<T, undefined>> {
    const offer = firstPending(this.offers, ({ wait }) => wait);
    if (offer !== undefined) {
      return immediate(() => {
        this.offers.delete(offer);
        offer.wait.resolve();
        return item(offer.value);
      });
    }
    if (this.phase === "ended") return immediate(() => this.tellEnd());
    return suspend<IteratorResult<T, undefined>>("an item that is produced", (wait) => {
      this.readers.add(wait);
      return () => this.readers.delete(wait);
    });
  }

  private tellEnd(): IteratorReturnResult<undefined> {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure.error;
    return end;
  }

  private start(): void {
    const owner = this.owner.live;
    if (owner.effective !== null) throw owner.effective;
    const home = new BlockScope("combinator", "produce", owner);
    this.home = home;
    this.phase = "running";
    this.crew = new Crew(home, 1, (task) => {
      task.retrieved = true;
      const cutShort = task.status === "cancelled" && this.phase === "leaving";
      if (task.status !== "fulfilled" && !cutShort) this.failure = { error: task.payload };
      this.ended(home);
    });
    this.crew.add(() => this.body((value) => this.send(value)), this.body.name === "" ? "producer" : this.body.name);
  }

  private ended(home: BlockScope): void {
    this.phase = "ended";
    home.end();
    for (const reader of this.readers) {
      this.readers.delete(reader);
      const { failure } = this;
      const told = failure === null ? reader.resolve(end) : reader.reject(failure.error);
      if (told) this.failure = null;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.leave();
    return this.tellEnd();
  }

  private async leave(): Promise<void> {
    if (this.phase === "unopened") this.phase = "ended";
    if (this.phase === "running") {
      this.phase = "leaving";
      this.home?.cancel("what is produced is no longer read");
    }
    await this.crew?.ended("the end of a producer");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** While a cancellation spreads, some may still stand in line whose waits it has ended. */
function firstPending<E>(line: ReadonlySet<E>, waitOf: (entry: E) => { readonly pending: boolean }): E | undefined {
  for (const entry of line) if (waitOf(entry).pending) return entry;
  return undefined;
}
