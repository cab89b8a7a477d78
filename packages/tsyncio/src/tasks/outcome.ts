import { AsyncLocalStorage } from "node:async_hooks";
import { InvalidStateError } from "../errors.ts";
import { isBranded } from "../kernel/brand.ts";
import { currentScope } from "../kernel/context.ts";
import { type Alternative, type Selectable, selectable } from "../kernel/selectable.ts";
import { immediate, suspend } from "../kernel/suspend.ts";

/** How far an outcome is. */
export type OutcomeStatus = "pending" | "fulfilled" | "failed" | "cancelled";

const brand: unique symbol = Symbol.for("tsyncio.outcome") as never;

/**
 * One registration of a done-callback. Its parameter is the outcome itself, but naming that type here would make a
 * `Task<number>` no `Task<unknown>`.
 */
interface DoneCallback {
  readonly callback: (outcome: never) => void;
  readonly inContext: <R>(run: () => R) => R;
}

/**
 * What a task and a future have in common: a result that is there, or will be.
 *
 *     pending ──▶ fulfilled(value)
 *        ├──────▶ failed(error)
 *        └──────▶ cancelled(CancelledError)
 *
 * It is thenable, so it can be awaited, any number of times. Awaiting is a cancellation point of the awaiter, and
 * never cancels what is awaited. Awaiting it, reading it or giving it a done-callback makes its failure *retrieved*:
 * somebody sees to it.
 */
export abstract class Outcome<T> implements PromiseLike<T>, Selectable<T> {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(this, Outcome, brand, value);
  }

  /** @internal */
  status: OutcomeStatus = "pending";
  /** The value or the error, once there is one. @internal */
  payload: unknown = undefined;
  private observers: Set<() => void> | null = null;
  /** Those that are still to be called. */
  private callbacks: Set<DoneCallback> | null = null;
  /** @internal */
  retrieved = false;

  abstract get name(): string;

  /** @internal */
  get [brand](): true {
    return true;
  }

  /** Whether the result is there: a value, an error or a cancellation. */
  done(): boolean {
    return this.status !== "pending";
  }

  /** Whether it ended by cancellation. */
  cancelled(): boolean {
    return this.status === "cancelled";
  }

  /**
   * The value; throws the error of one that failed or was cancelled.
   * @throws InvalidStateError while it is pending.
   */
  result(): T {
    this.retrieved = true;
    if (this.status === "fulfilled") return this.payload as T;
    if (this.status !== "pending") throw this.payload;
    throw new InvalidStateError(`${this.name} has no result yet: await it, or look at done() first`);
  }

  /**
   * The error of one that failed, `undefined` of one that has a value.
   * @throws InvalidStateError while it is pending; CancelledError if it was cancelled.
   */
  exception(): unknown {
    this.retrieved = true;
    if (this.status === "fulfilled") return undefined;
    if (this.status === "failed") return this.payload;
    if (this.status === "cancelled") throw this.payload;
    throw new InvalidStateError(`${this.name} has no exception yet: await it, or look at done() first`);
  }

  /**
   * Calls back, with this object, once it is done: never synchronously, in the order of registration, in the async
   * context of the registration. On one that is done already: soon.
   */
  addDoneCallback(callback: (outcome: this) => void): void {
    this.retrieved = true;
    const registered: DoneCallback = { callback, inContext: AsyncLocalStorage.snapshot() };
    (this.callbacks ??= new Set()).add(registered);
    if (this.done()) this.schedule(registered);
  }

  /** Removes all registrations of a callback that are still to be called, and returns how many they were. */
  removeDoneCallback(callback: (outcome: this) => void): number {
    let count = 0;
    for (const registered of this.callbacks ?? []) {
      if (registered.callback !== callback) continue;
      this.callbacks?.delete(registered);
      count += 1;
    }
    return count;
  }

  private schedule(registered: DoneCallback): void {
    registered.inContext(() => {
      const { loop } = currentScope();
      const handle = loop.callSoon(() => {
        if (this.callbacks?.delete(registered) !== true) return;
        try {
          registered.callback(this as never);
        } catch (error) {
          loop.reportException(`a done-callback of ${this.name} threw`, error, { handle, future: this });
        }
      });
    });
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is its purpose
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.join().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return (this.join() as Promise<T>).finally(onFinally);
  }

  /** Waits in the current scope until it is done. @internal */
  join(): Promise<Awaited<T>> {
    this.retrieved = true;
    if (this.done()) return immediate(() => this.result());
    return suspend<T>(this.name, (wait) => {
      wait.target = this;
      return this.observe(() => this.transfer(wait));
    });
  }

  /** In a `select`: possible once it is done. */
  [selectable](): Alternative<T> {
    this.retrieved = true;
    return {
      poll: () => (this.done() ? { value: this.result() } : undefined),
      subscribe: (waiter) => this.observe(() => this.transfer(waiter)),
    };
  }

  /** Hands the result on; says whether it was taken. @internal */
  transfer(target: { resolve(value: T): boolean; reject(error: unknown): boolean }): boolean {
    if (this.status === "fulfilled") return target.resolve(this.payload as T);
    return target.reject(this.payload);
  }

  /** Calls back synchronously when it is done; returns how to stop that. The caller knows that it is pending. @internal */
  observe(observer: () => void): () => void {
    this.retrieved = true;
    const observers = (this.observers ??= new Set());
    observers.add(observer);
    return () => observers.delete(observer);
  }

  /** The one transition. Returns false if it was done already. @internal */
  protected settle(status: Exclude<OutcomeStatus, "pending">, payload: unknown): boolean {
    if (this.status !== "pending") return false;
    this.status = status;
    this.payload = payload;
    const { observers, callbacks } = this;
    this.observers = null;
    if (observers !== null) for (const observer of observers) observer();
    if (callbacks !== null) for (const registered of callbacks) this.schedule(registered);
    return true;
  }

  /** The state in words, for printing. @internal */
  protected describe(): string {
    switch (this.status) {
      case "pending":
        return "pending";
      case "cancelled":
        return "cancelled";
      case "failed":
        return `failed: ${String(this.payload)}`;
      case "fulfilled":
        return "fulfilled";
    }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<${this.constructor.name} ${this.name} ${this.describe()}>`;
  }
}
