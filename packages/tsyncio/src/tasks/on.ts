import { QueueFull } from "../errors.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue, expectLimit } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { type EmitterLike, listen, type TargetLike } from "./event-source.ts";
import { throwIfCancelled } from "./sleep.ts";
import { whenCancelled } from "./when-cancelled.ts";

/** Options of {@link on}. */
export interface OnOptions {
  /** How many events are kept for a reader who is late. From 1 on; default: 1000. */
  readonly capacity?: number;
  /**
   * What becomes of an event that finds no room: it ends the iteration with a `QueueFull`, once what was kept has been
   * read (`"error"`, the default), takes the place of the oldest, or is dropped itself.
   */
  readonly overflow?: "error" | "drop-oldest" | "drop-newest";
}

/** The events of one name, as they come. Made by {@link on}. */
export interface EventIterator<A extends unknown[]>
  extends AsyncIterableIterator<A, undefined>, Disposable, AsyncDisposable {
  /** How many events were dropped because nobody read in time. */
  readonly dropped: number;
}

/**
 * Iterates over the events of a name, each as the arguments of its listeners; of an `EventTarget`, that is the event
 * alone. It listens from the call on, and keeps what comes while the loop's body is busy, up to `capacity`. An emitter's
 * `"error"` (unless that is what is listened to) ends it with that error, after what was kept.
 *
 *     for await (const [side] of on<[string]>(button, "press", { capacity: 10, overflow: "drop-oldest" })) {
 *       show(side);
 *       if (side === "right") break;
 *     }
 *
 * The listeners are removed at once when the loop is left, when the iterator is disposed of, when it fails, and when the
 * scope in which `on` was called is cancelled. A `next()` that a narrower scope cancels loses no event, and leaves the
 * iterator listening: whoever goes on without it disposes of it (`using`). Several readers get events in turn. It does
 * not keep the process alive: what emits does.
 *
 * @throws CancelledError in a cancelled scope; TypeError for what is neither emitter nor target.
 */
export function on<A extends unknown[] = unknown[]>(
  emitter: EmitterLike,
  name: string | symbol,
  options?: OnOptions,
): EventIterator<A>;
export function on<A extends unknown[] = [Event]>(
  target: TargetLike,
  name: string,
  options?: OnOptions,
): EventIterator<A>;
export function on(
  source: EmitterLike | TargetLike,
  name: string | symbol,
  options: OnOptions = {},
): EventIterator<never> {
  throwIfCancelled();
  return new BufferedEvents(source, name, options) as unknown as EventIterator<never>;
}

const policies: readonly unknown[] = ["error", "drop-oldest", "drop-newest"];

/**
 *     listening ──error, overflow, cancelled──▶ failed ──thrown──▶ closed
 *         └─────────────return()──────────────────────────────────▶ closed
 *
 * While somebody waits in `next()`, nothing is kept.
 */
class BufferedEvents implements EventIterator<unknown[]> {
  dropped = 0;
  private state: { readonly kind: "listening" | "closed" } | { readonly kind: "failed"; readonly error: unknown } = {
    kind: "listening",
  };
  private readonly what: string;
  private readonly capacity: number;
  private readonly overflow: OnOptions["overflow"];
  /** The events that were kept are those from `first` on. */
  private kept: unknown[][] = [];
  private first = 0;
  private readonly readers: Set<Wait<IteratorResult<unknown[], undefined>>> = new Set();
  private readonly stopListening: () => void;
  private readonly stopWatching: () => void;

  constructor(source: EmitterLike | TargetLike, name: string | symbol, options: OnOptions) {
    this.what = `the events ${String(name)}`;
    this.capacity = expectLimit(options.capacity ?? 1_000, "on: capacity");
    this.overflow = options.overflow ?? "error";
    if (!policies.includes(this.overflow)) {
      const got = describeValue(this.overflow);
      throw new TypeError(`on: overflow: expected one of ${policies.join(", ")}, got ${got}`);
    }
    const hearer = {
      event: (args: unknown[]): void => this.hear(args),
      error: (error: unknown): void => this.fail(error),
    };
    this.stopListening = listen(source, name, hearer, "on");
    this.stopWatching = whenCancelled(`the end of listening to ${this.what}`, (error) => this.fail(error));
  }

  private hear(args: unknown[]): void {
    if (this.state.kind !== "listening") return;
    for (const reader of this.readers) {
      this.readers.delete(reader);
      if (reader.resolve({ done: false, value: args })) return;
    }
    if (this.kept.length - this.first >= this.capacity) this.makeRoom(args);
    else this.kept.push(args);
  }

  private makeRoom(args: unknown[]): void {
    if (this.overflow === "error") {
      const hint = "read faster, raise the capacity, or choose what to drop with the option overflow";
      this.fail(new QueueFull(`on: ${this.capacity} of ${this.what} wait to be read: ${hint}`));
      return;
    }
    this.dropped += 1;
    if (this.overflow === "drop-newest") return;
    this.take();
    this.kept.push(args);
  }

  private take(): unknown[] {
    const args = this.kept[this.first] as unknown[];
    this.kept[this.first] = [];
    this.first += 1;
    if (this.first * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.first);
      this.first = 0;
    }
    return args;
  }

  private fail(error: unknown): void {
    if (this.state.kind !== "listening") return;
    this.state = { kind: "failed", error };
    this.stop();
    for (const reader of this.readers) {
      this.readers.delete(reader);
      if (!reader.reject(error)) continue;
      this.close();
      return;
    }
  }

  next(): Promise<IteratorResult<unknown[], undefined>> {
    if (this.kept.length > this.first) return immediate(() => ({ done: false as const, value: this.take() }));
    const { state } = this;
    switch (state.kind) {
      case "failed":
        return immediate(() => {
          this.close();
          throw state.error;
        });
      case "closed":
        return immediate(() => ({ done: true as const, value: undefined }));
      case "listening":
        return suspend<IteratorResult<unknown[], undefined>>(this.what, (wait) => {
          this.readers.add(wait);
          return () => this.readers.delete(wait);
        });
    }
  }

  async return(): Promise<IteratorResult<unknown[], undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  private close(): void {
    if (this.state.kind === "listening") this.stop();
    this.state = { kind: "closed" };
    this.kept = [];
    this.first = 0;
    for (const reader of this.readers) reader.resolve({ done: true, value: undefined });
    this.readers.clear();
  }

  private stop(): void {
    this.stopListening();
    this.stopWatching();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
