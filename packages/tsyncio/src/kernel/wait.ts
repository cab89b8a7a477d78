import type { CancelledError } from "../errors.ts";
import type { EventLoop } from "./event-loop.ts";
import type { IntrusiveList } from "./intrusive-list.ts";

/** Stands for the clean-up of a wait that was cut before `start` had returned one. */
const cutEarly = (): void => {};

/** What a wait knows of the scope that holds it. */
export interface WaitHolder {
  readonly loop: EventLoop;
  readonly waits: IntrusiveList<Wait<never>>;
}

/**
 * One pending wait, and the promise on which its task hangs. It is settled exactly once: by `resolve`, by `reject`,
 * or by the cancellation of its scope; whoever comes first wins, and the others learn that they came too late.
 *
 *     pending ──resolve, reject──▶ settled     (the clean-up is dropped)
 *        └──────scope cancelled──▶ cut         (the promise is rejected, then the clean-up runs)
 *
 * - **W1** It leaves `pending` once: whoever unlinks it settles it, and nobody else can.
 * - **W2** It is in the list of a scope exactly as long as it is pending.
 * - **W3** Its clean-up runs if and only if it was cut, once, and after all waits that the same cancellation cuts.
 *
 * Whoever calls {@link suspend} is given one:
 *
 *     const side = await suspend<string>("a press of the button", (wait) => {
 *       button.once("press", (side) => wait.resolve(side)); // false, and no harm done, if it was cancelled meanwhile
 *     });
 */
export class Wait<T> {
  /** What is waited for, in words. */
  readonly label: string;
  /** When the wait began, on the loop's clock, give or take the length of a turn. */
  readonly since: number;
  /** The promise of the outcome. */
  readonly promise: Promise<Awaited<T>>;

  /** The scope that holds this wait; null once it is settled (W2). @internal */
  scope: WaitHolder | null;
  private cleanup: (() => void) | null = null;
  /** Its place in its scope's list, which is the scope's to change. */
  previous: Wait<never> | null = null;
  /** As {@link previous}. */
  next: Wait<never> | null = null;
  /** @internal */
  readonly uncancellable: boolean;
  /** Who has to end first, if that is known: a task, or several. For the search for deadlocks. @internal */
  target: unknown = null;
  private settleWith!: (value: Awaited<T> | PromiseLike<Awaited<T>>) => void;
  private failWith!: (error: unknown) => void;

  /** @internal */
  constructor(scope: WaitHolder, label: string, uncancellable: boolean) {
    this.scope = scope;
    this.label = label;
    this.since = scope.loop.recentTime();
    this.uncancellable = uncancellable;
    this.promise = new Promise((resolve, reject) => {
      this.settleWith = resolve;
      this.failWith = reject;
    });
    scope.waits.append(this as unknown as Wait<never>);
  }

  /** Whether the wait is still open. */
  get pending(): boolean {
    return this.scope !== null;
  }

  /** Ends the wait with a value. Returns false if it was settled already: then the value was not taken. */
  resolve(value: T): boolean {
    const scope = this.unlink();
    if (scope === null) return false;
    if (scope.loop.direct) this.settleWith(value as Awaited<T>);
    else scope.loop.defer(() => this.settleWith(value as Awaited<T>));
    return true;
  }

  /** Ends the wait with an error. Returns false if it was settled already. */
  reject(error: unknown): boolean {
    const scope = this.unlink();
    if (scope === null) return false;
    if (scope.loop.direct) this.failWith(error);
    else scope.loop.defer(() => this.failWith(error));
    return true;
  }

  /**
   * Ends the wait because its scope was cancelled; returns false if it cannot be. {@link cleanUp} follows (W3).
   * @internal
   */
  cut(error: CancelledError): boolean {
    if (this.scope === null || this.uncancellable) return false;
    const cleanup = this.cleanup ?? cutEarly;
    this.reject(error);
    this.cleanup = cleanup;
    return true;
  }

  /** Takes the clean-up; it runs at once if the wait was cut before it was known. @internal */
  cleanUpWith(cleanup: () => void, loop: EventLoop): void {
    const late = this.cleanup === cutEarly;
    if (!late && this.scope === null) return;
    this.cleanup = cleanup;
    if (late) this.cleanUp(loop);
  }

  /** Runs the clean-up of a wait that was cut. @internal */
  cleanUp(loop: EventLoop): void {
    const { cleanup } = this;
    if (cleanup === null || cleanup === cutEarly) return;
    this.cleanup = null;
    try {
      cleanup();
    } catch (failure) {
      loop.reportException(`the clean-up of a cancelled wait (${this.label}) threw`, failure);
    }
  }

  /** The only way out of `pending` (W1, W2): the scope that held it, or null if somebody came first. */
  private unlink(): WaitHolder | null {
    const scope = this.scope;
    if (scope === null) return null;
    scope.waits.remove(this as unknown as Wait<never>);
    this.scope = null;
    this.cleanup = null;
    return scope;
  }
}
