import { CancelledError, type CancelledScope } from "../errors.ts";
import type { EventLoop } from "./event-loop.ts";
import { IntrusiveList, type ListNode } from "./intrusive-list.ts";
import { currentTaskName } from "./storage.ts";
import { filterUnhandledCancellations } from "./unhandled-filter.ts";
import type { Wait, WaitHolder } from "./wait.ts";

/**
 * What a scope is for. Two kinds matter to the kernel: a `combinator` (`gather`, `race`, `map`…) is never heir to
 * what its jobs leave behind, and the `root` is never cancelled and never ends.
 */
export type ScopeKind = "root" | "run" | "task" | "group" | "timeout" | "cancel" | "shield" | "combinator";

/** The grace of shields outside any run that says otherwise, in milliseconds. */
export const defaultGrace = 10_000;

/**
 * # Scopes
 *
 * A scope is a stretch of work that can be cancelled as one: a task, the body of a `timeout`, a group. Scopes form
 * a tree; the current one is the store of one `AsyncLocalStorage`, so it follows the work through every `await`.
 *
 * In JavaScript a `catch` catches everything. Were a cancellation delivered once, as in asyncio, the first careless
 * `catch` would swallow it. So, as in trio, it is a *state* of the scope (level-triggered): from `cancel()` on, each
 * wait inside rejects, until the scope is left.
 *
 *                     cancel(), or an enclosing scope's
 *        ┌────────┐  ───────────────────────────────▶  ┌───────────┐
 *        │  open  │                                     │ cancelled │
 *        └───┬────┘                                     └─────┬─────┘
 *            │ end()                                          │ end()
 *            ▼                                                ▼
 *        ┌────────┐   what still waits goes             ┌───────────┐   what still waits
 *        │  left  │   to the heir                       │   left    │   was cut, and stays so
 *        └────────┘                                     └───────────┘
 *
 * Invariants, to which the code points:
 *
 * - **S1** `own` is set at most once: one error for each `cancel()`, shared by all the waits that it ends.
 * - **S2** `effective` is the error in force: that of the outermost cancelled scope that reaches this one. Outer
 *   wins, also over an inner cancellation that came first.
 * - **S3** A cancellable wait is linked into a scope only while that scope's `effective` is null.
 * - **S4** A child's `effective` is at least its parent's, except across a shield whose grace is not over.
 * - **S5** A scope that has ended has neither waits nor children.
 */
export class Scope implements ListNode<Scope>, CancelledScope, WaitHolder {
  readonly kind: ScopeKind;
  readonly loop: EventLoop;
  /** @internal */
  parent: Scope | null;
  /** The error of this scope's own `cancel()`. @internal */
  own: CancelledError | null = null;
  /** The error with which waits in here reject. @internal */
  effective: CancelledError | null = null;
  /** @internal */
  ended = false;
  /** Where what is left behind goes; set when the scope ends. @internal */
  private heir: Scope | null = null;
  /** How long a shield in here protects when it does not say so itself, in milliseconds. @internal */
  readonly grace: number;
  /** The moment after which no shield below may protect any longer; null for none. @internal */
  graceEnd: number | null = null;

  /** What is to be closed when the scope is left, in order of opening. @internal */
  closes: (() => unknown)[] | null = null;

  readonly waits: IntrusiveList<Wait<never>> = new IntrusiveList();
  /** @internal */
  private children: IntrusiveList<Scope> | null = null;
  previous: Scope | null = null;
  next: Scope | null = null;

  constructor(kind: ScopeKind, parent: Scope | null, loop: EventLoop, grace: number = parent?.grace ?? defaultGrace) {
    this.grace = grace;
    this.kind = kind;
    this.parent = parent;
    this.loop = loop;
    if (parent === null) return;
    this.effective = parent.effective; // S4
    (parent.children ??= new IntrusiveList()).append(this);
  }

  get name(): string {
    return this.kind;
  }

  /** Whether waits in here reject: this scope or one around it was cancelled, and no shield is between. */
  get cancelled(): boolean {
    return this.effective !== null;
  }

  /**
   * Cancels the scope: every wait inside rejects with one `CancelledError`, now and until the scope is left.
   * Returns false if it was cancelled before or has ended. Never waits.
   */
  cancel(reason?: unknown): boolean {
    if (this.own !== null || this.ended) return false; // S1
    filterUnhandledCancellations();
    this.own = new CancelledError(this, reason, currentTaskName());
    if (this.effective === null) this.deliver(this.own); // else one from further out is in force (S2)
    this.loop.debugHooks?.cancelled(this);
    return true;
  }

  /** Puts an error in force here and below, and ends the waits there. @internal */
  protected deliver(error: CancelledError): void {
    this.putInForce(error, [this], []);
  }

  /**
   * Puts an error in force in scopes and all below, and ends the waits there, and those given. In three passes:
   * clean-ups run user code, which must find the whole tree in its new state (S2, S4) and no wait in it that could
   * still be given something (S3).
   */
  private putInForce(error: CancelledError, scopes: readonly Scope[], waits: Wait<never>[]): void {
    const pending = scopes.toReversed();
    for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
      scope.effective = error;
      scope.waits.collect(waits);
      this.loop.debugHooks?.cut(scope, scope.waits.snapshot(), error);
      if (scope.children === null) continue;
      for (const child of scope.children.snapshot().toReversed()) {
        if (child.admits(error)) pending.push(child);
      }
    }
    // First all waits, then all clean-ups (W3).
    const cut = waits.filter((wait) => wait.cut(error));
    for (const wait of cut) wait.cleanUp(this.loop);
  }

  /** Whether a cancellation from outside reaches this scope. A shield says no, until its grace is over. @internal */
  protected admits(_error: CancelledError): boolean {
    return true;
  }

  /**
   * Whether a caught value is the cancellation in force here: this scope's own or that of a scope around it, as far
   * as no shield holds it off. The `CancelledError` of any other scope is an ordinary failure.
   * @internal
   */
  isInForce(error: unknown): boolean {
    if (error === null || typeof error !== "object") return false;
    // Where nothing is in force, a shield keeps off what is further out (S4).
    for (let scope: Scope | null = this; scope !== null && scope.effective !== null; scope = scope.parent) {
      if (scope.own === error) return true;
    }
    return false;
  }

  /**
   * The error of an enclosing scope that is cancelled too, or null: at this scope's edge, it goes first.
   * @internal
   */
  get outer(): CancelledError | null {
    return this.parent === null ? null : this.parent.effective;
  }

  /** The scopes directly inside, oldest first. @internal */
  childScopes(): readonly Scope[] {
    return this.children === null ? [] : this.children.snapshot();
  }

  /** Leaves the scope. What still waits in it goes to the heir (S5). @internal */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    const parent = this.parent as Scope;
    (parent.children as IntrusiveList<Scope>).remove(this);
    const heir = heirOf(this);
    this.heir = heir;
    this.bequeath(heir);
  }

  private bequeath(heir: Scope): void {
    const { waits, children } = this;
    if (waits.first === null && (children === null || children.first === null)) return;
    const movedWaits = waits.snapshot();
    const movedChildren = children === null ? [] : children.snapshot();
    for (const wait of movedWaits) {
      waits.remove(wait);
      wait.scope = heir;
      heir.waits.append(wait);
    }
    for (const child of movedChildren) {
      (children as IntrusiveList<Scope>).remove(child);
      child.parent = heir;
      (heir.children ??= new IntrusiveList()).append(child);
    }
    this.loop.debugHooks?.leftBehind(this, heir, movedWaits, movedChildren);
    // The heir may be cancelled where this scope was not: it was shielded (S3, S4).
    const error = heir.effective;
    if (error === null) return;
    const reached = movedChildren.filter((child) => child.effective === null && child.admits(error));
    this.putInForce(error, reached, movedWaits);
  }

  /**
   * The scope in which work that runs here waits. Work that nobody awaited may outlive its scope: if that was
   * cancelled, it stays cancelled; otherwise it belongs to the heir.
   * @internal
   */
  get live(): Scope {
    let scope: Scope = this;
    while (scope.ended && scope.effective === null) scope = scope.heir as Scope;
    return scope;
  }
}

function heirOf(scope: Scope): Scope {
  let heir = scope.parent as Scope;
  while (heir.ended || heir.kind === "combinator") heir = heir.parent as Scope;
  return heir;
}
