/**
 * All errors of tsyncio, and who is at fault.
 *
 *     Error
 *     ├─ CancelledError        nobody: the work is no longer wanted
 *     ├─ TimeoutError          the work took longer than its deadline
 *     ├─ InvalidStateError     the caller: this operation is not possible now
 *     ├─ DeadlockError         the program: everybody waits and nobody is left to wake them
 *     ├─ QueueEmpty, QueueFull the caller asked not to wait
 *     ├─ QueueShutDown         the queue's owner ended it
 *     └─ BrokenBarrierError    somebody aborted or reset the barrier
 *
 * Two copies of this package in one process must recognise each other's errors, so `instanceof` looks at a brand
 * under a `Symbol.for` key instead of the prototype chain. Subclasses are told apart in the ordinary way.
 */

const brand: unique symbol = Symbol.for("tsyncio.brand") as never;

const ordinaryInstanceOf = Function.prototype[Symbol.hasInstance];

abstract class BrandedError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, brand)) return ordinaryInstanceOf.call(this, value);
    return typeof value === "object" && value !== null && (value as Branded)[brand] === (this as Branded)[brand];
  }
}

interface Branded {
  readonly [brand]?: string;
}

function brandAs(errorClass: { readonly prototype: object }, name: string): void {
  Object.defineProperty(errorClass, brand, { value: name });
  Object.defineProperty(errorClass.prototype, brand, { value: name });
}

/** What a {@link CancelledError} tells of the scope that was cancelled. */
export interface CancelledScope {
  readonly name: string;
  /** Whether the scope is cancelled, by itself or from outside. */
  readonly cancelled: boolean;
}

/**
 * Thrown by every wait inside a cancelled scope. One instance is made for each call of `cancel()` and shared by all
 * the waits that it ends, so nothing may be written to it; its stack is the canceller's.
 *
 *     const task = createTask(() => sleep("1h"));
 *     task.cancel("no longer needed");
 *     try {
 *       await task;
 *     } catch (error) {
 *       if (!isCancelled(error)) throw error;
 *       console.log(error.reason); // no longer needed
 *     }
 */
export class CancelledError extends BrandedError {
  static {
    brandAs(this, "CancelledError");
  }
  override readonly name = "CancelledError";
  /** What Node's own cancelled operations carry, so that code which knows `AbortError` knows this error too. */
  readonly code = "ABORT_ERR";
  /** The scope whose `cancel()` was called. */
  declare readonly scope: CancelledScope;
  /** What was given to `cancel()`; `undefined` if nothing was. */
  readonly reason: unknown;
  /** The name of the task that called `cancel()`; `undefined` if it was called outside any task. */
  readonly cancelledBy: string | undefined;

  constructor(scope: CancelledScope, reason?: unknown, cancelledBy?: string) {
    super(describeCancellation(scope, reason), reason instanceof Error ? { cause: reason } : undefined);
    // Not enumerable: printing the error must not print the whole tree of scopes.
    Object.defineProperty(this, "scope", { value: scope, enumerable: false });
    this.reason = reason;
    this.cancelledBy = cancelledBy;
  }
}

function describeCancellation(scope: CancelledScope, reason: unknown): string {
  const what = `${scope.name} was cancelled`;
  if (reason instanceof Error) return `${what}: ${reason.message}`;
  return typeof reason === "string" ? `${what}: ${reason}` : what;
}

/**
 * A deadline passed. Its `cause` is the {@link CancelledError} that ended the work.
 *
 *     try {
 *       await timeout("1s", () => sleep("1h"));
 *     } catch (error) {
 *       if (!(error instanceof TimeoutError)) throw error;
 *       console.log(error.message); // timeout(1s) expired
 *     }
 */
export class TimeoutError extends BrandedError {
  static {
    brandAs(this, "TimeoutError");
  }
  override readonly name: string = "TimeoutError";
  readonly code: string = "ETIMEDOUT";
}

/**
 * The operation is not possible in the present state: a result that is not there yet, a group that has ended.
 *
 *     const answer = new Future<number>();
 *     try {
 *       answer.result();
 *     } catch (error) {
 *       console.log(error instanceof InvalidStateError); // true
 *     }
 */
export class InvalidStateError extends BrandedError {
  static {
    brandAs(this, "InvalidStateError");
  }
  override readonly name = "InvalidStateError";
  readonly code = "INVALID_STATE";
}

/**
 * A main function was pending when Node had nothing left to do. The message lists who waits, and for what.
 *
 *     try {
 *       await simulate(() => new Event().wait()); // nobody will ever set it
 *     } catch (error) {
 *       console.log(error instanceof DeadlockError); // true
 *     }
 */
export class DeadlockError extends BrandedError {
  static {
    brandAs(this, "DeadlockError");
  }
  override readonly name = "DeadlockError";
  readonly code = "DEADLOCK";
}

/**
 * `getNowait()` on a queue that has no item.
 *
 *     const queue = new Queue<string>();
 *     try {
 *       show(queue.getNowait());
 *     } catch (error) {
 *       if (!(error instanceof QueueEmpty)) throw error;
 *       console.log("nothing to do"); // nothing to do
 *     }
 */
export class QueueEmpty extends BrandedError {
  static {
    brandAs(this, "QueueEmpty");
  }
  override readonly name = "QueueEmpty";
  readonly code = "QUEUE_EMPTY";
}

/**
 * `putNowait()` on a queue that has no room.
 *
 *     const queue = new Queue<string>(1);
 *     queue.putNowait("first");
 *     try {
 *       queue.putNowait("second");
 *     } catch (error) {
 *       if (!(error instanceof QueueFull)) throw error;
 *       console.log("come back later"); // come back later
 *     }
 */
export class QueueFull extends BrandedError {
  static {
    brandAs(this, "QueueFull");
  }
  override readonly name = "QueueFull";
  readonly code = "QUEUE_FULL";
}

/**
 * `put()` on a queue that was shut down, or `get()` on one that is also empty.
 *
 *     const queue = new Queue<string>();
 *     queue.shutdown();
 *     try {
 *       await queue.put("too late");
 *     } catch (error) {
 *       console.log(error instanceof QueueShutDown); // true
 *     }
 */
export class QueueShutDown extends BrandedError {
  static {
    brandAs(this, "QueueShutDown");
  }
  override readonly name = "QueueShutDown";
  readonly code = "QUEUE_SHUT_DOWN";
}

/**
 * `wait()` on a barrier that is broken, or was reset meanwhile.
 *
 *     const barrier = new Barrier(2);
 *     const waiting = createTask(() => barrier.wait());
 *     await yieldNow();
 *     barrier.abort();
 *     const error = await waiting.catch((error) => error);
 *     console.log(error instanceof BrokenBarrierError); // true
 */
export class BrokenBarrierError extends BrandedError {
  static {
    brandAs(this, "BrokenBarrierError");
  }
  override readonly name = "BrokenBarrierError";
  readonly code = "BROKEN_BARRIER";
}

/**
 * Whether an error is a cancellation, which a `catch` block lets pass: whoever swallows it only meets it again at the
 * next wait.
 *
 *     try {
 *       show(await fetchPage(url));
 *     } catch (error) {
 *       if (isCancelled(error)) throw error;
 *       console.error("no page:", error);
 *     }
 */
export function isCancelled(error: unknown): error is CancelledError {
  return error instanceof CancelledError;
}
