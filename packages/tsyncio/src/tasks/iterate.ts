import { currentScope, runIn } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import type { Wait } from "../kernel/wait.ts";
import { BlockScope } from "./block-scope.ts";
import { end, item } from "./iterator-result.ts";
import { shield } from "./shield.ts";
import { type AnyIterable, expectSource, type OpenSource, openSource } from "./source.ts";
import { whenCancelled } from "./when-cancelled.ts";

/** An iterator that can be left at any moment, also by disposing of it; see {@link iterate}. */
export interface PromptIterator<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {
  /** Leaves the source now, also while a `next()` is pending (that yields the end), and waits for its clean-up. */
  return(): Promise<IteratorReturnResult<undefined>>;
}

/**
 * Iterates over anything (an iterable, an async iterable, a stream of Node or of the web) in a way that can be left and
 * cancelled at any moment. A plain `for await` cannot: while `next()` is pending, a generator or stream puts `return()`
 * off until it is answered.
 *
 *     import { Readable } from "node:stream";
 *
 *     for await (const chunk of iterate(Readable.from(["a", "b", "c"]))) {
 *       console.log(chunk); // a
 *       break; // destroys the stream, and waits until it is closed
 *     }
 *
 * The source is opened by the first `next()`. Leaving (`break`, `return()`, disposal), and a cancellation of the scope in
 * which `iterate` was called, end it at once and wait for its clean-up, which is shielded: a Node stream is destroyed, a
 * web stream cancelled and unlocked, a generator ends at its wait and runs its `finally`; one that awaits something that
 * tsyncio does not know is left alone. A `next()` that a narrower scope cancels loses no item; the following one gets it.
 * A generator runs in a scope of its own, whoever calls `next()`. Several readers are served in turn.
 *
 * @throws TypeError for what cannot be read.
 */
export function iterate<T>(source: AnyIterable<T>): PromptIterator<T> {
  expectSource(source, "iterate");
  return new SourceIterator(source);
}

/**
 *     unopened ──next()──▶ open ──its end, its failure──────────────────────▶ over
 *         │                  └──return(), a cancellation outside──▶ leaving ──▲
 *         └──return()─────────────────────────────────────────────────────────┘
 */
class SourceIterator<T> implements PromptIterator<T> {
  private readonly source: AnyIterable<T>;
  private readonly owner: Scope = currentScope();
  private state:
    | { readonly phase: "unopened" | "over" }
    | {
        readonly phase: "open";
        readonly home: BlockScope;
        readonly source: OpenSource<T>;
        readonly unwatch: () => void;
      }
    | { readonly phase: "leaving"; readonly left: Promise<void> } = { phase: "unopened" };
  private busy = false;
  /** Those whose turn comes when the `next()` that is under way has ended. */
  private readonly line: Set<Wait<void>> = new Set();

  constructor(source: AnyIterable<T>) {
    this.source = source;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      await this.turn();
    } catch (error) {
      await this.leaveIfOver();
      throw error;
    }
    try {
      return await this.read();
    } finally {
      this.busy = false;
      for (const waiting of this.line) {
        this.line.delete(waiting);
        if (!waiting.resolve()) continue;
        this.busy = true;
        break;
      }
    }
  }

  /** A cancelled loop does not call `return()`. The caller of a `next()` that alone was cancelled may go on. */
  private async leaveIfOver(): Promise<void> {
    if (this.owner.live.effective !== null) await this.leave();
  }

  private turn(): Promise<void> {
    if (!this.busy) {
      return immediate(() => {
        this.busy = true;
      });
    }
    return suspend<void>("its turn to read a source", (wait) => {
      this.line.add(wait);
      return () => this.line.delete(wait);
    });
  }

  private async read(): Promise<IteratorResult<T, undefined>> {
    if (this.state.phase === "unopened") this.open();
    const { state } = this;
    if (state.phase !== "open") return end;
    try {
      const answer = await state.source.iterator.next();
      if (answer.done !== true) return item(answer.value);
    } catch (error) {
      const isCancelled = currentScope().isInForce(error);
      // What has been left may fail because of that.
      if (this.state.phase !== "open" && !isCancelled) return end;
      await this.leaveIfOver();
      if (!isCancelled) this.close();
      throw error;
    }
    if (this.state.phase !== "open") return end;
    const cancellation = state.home.effective;
    await this.leaveIfOver();
    this.close();
    if (cancellation !== null) throw cancellation;
    return end;
  }

  private open(): void {
    const owner = this.owner.live;
    if (owner.effective !== null) throw owner.effective;
    const home = new BlockScope("combinator", "iterate", owner);
    const source = runIn(home, () => openSource(this.source, "iterate"));
    source.iterator.runInside(home);
    const unwatch = runIn(home, () => whenCancelled("the end of an iteration", () => source.iterator.interrupt()));
    this.state = { phase: "open", home, source, unwatch };
  }

  private close(): void {
    if (this.state.phase === "open") {
      this.state.unwatch();
      this.state.home.end();
    }
    this.state = { phase: "over" };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.leave();
    return end;
  }

  private async leave(): Promise<void> {
    if (this.state.phase === "unopened") this.state = { phase: "over" };
    if (this.state.phase === "leaving") await this.state.left;
    if (this.state.phase !== "open") return;
    const { home, source } = this.state;
    const left = shield(() => source.leave());
    this.state = { phase: "leaving", left };
    home.cancel("the iteration was left");
    try {
      await left;
    } finally {
      home.end();
      this.state = { phase: "over" };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
