import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers";
import type { StackFrame } from "./debug/call-stack.ts";
import { DebugMonitor } from "./debug/monitor.ts";
import { type Duration, toMilliseconds } from "./duration.ts";
import { currentTaskName } from "./storage.ts";
import { Timer, TimerHeap } from "./timer-heap.ts";
import { expectFunction } from "./values.ts";

/** What the `exceptionHandler` of an {@link EventLoop} is told. */
export interface ExceptionContext {
  /** What was going on. */
  readonly message: string;
  readonly error: unknown;
  /** The name of the task that scheduled the callback, or whose wait was cleaned up; undefined outside any. */
  readonly task: string | undefined;
  /** What `callSoon`, `callLater` or `callAt` returned for the callback that threw. */
  readonly handle?: Handle;
  /** The task or future of which a done-callback threw. */
  readonly future?: { readonly name: string; done(): boolean };
  /** In debug mode: where the future, or else the handle, was made, innermost first. */
  readonly createdAt?: readonly StackFrame[];
}

/** A callback that was scheduled with `callSoon`, `callLater` or `callAt` of an {@link EventLoop}. */
export interface Handle {
  /** Prevents the call; harmless when it has been made or cancelled already. */
  cancel(): void;
  /** Whether it was cancelled before its call. */
  cancelled(): boolean;
  /** The moment of the call on the loop's clock, in milliseconds; for `callSoon`, the moment of scheduling. */
  when(): number;
}

/**
 * An event loop: a clock, timers, and the way in which settled waits reach their awaiters.
 *
 * JavaScript already has a loop, so this class only owns what a runtime on top of it must decide: what time it is
 * (a test's clock is virtual), in which order those who were woken go on (a test's order is seeded), and when to
 * let the host's loop turn (see {@link HostLoop}). `HostLoop` is the default; `tsyncio/testing` has the simulated one.
 *
 *     const loop = getRunningLoop();
 *     const handle = loop.callLater("1m", () => console.error("a minute has passed"));
 *     loop.callSoon(() => handle.cancel());
 *     await sleep("2m");
 *     console.log(handle.cancelled()); // true
 */
export abstract class EventLoop {
  /**
   * Called with errors thrown by callbacks and clean-ups. The default (null) makes them uncaught exceptions; so does a
   * handler that throws itself, with an `AggregateError` of its error and the one that it was told of.
   */
  exceptionHandler: ((context: ExceptionContext) => void) | null = null;
  /** What debug mode remembers and warns of; null without it. @internal */
  debugHooks: DebugMonitor | null = null;

  /**
   * Told of the scope of each operation that need not wait, and so leaves no wait to be seen: a task that spins on such
   * moves all the same. Null while nobody looks.
   * @internal
   */
  immediateWatchers: Set<(scope: object) => void> | null = null;
  private debugClaims = 0;
  private debugBefore = false;
  /**
   * In debug mode, a callback of `callSoon`, `callLater` or `callAt` that keeps the thread longer than this many
   * milliseconds gives a process warning with the code `TSYNCIO_SLOW_CALLBACK`.
   */
  slowCallbackDuration = 100;
  /**
   * In debug mode, a task that awaits a foreign promise still this many milliseconds after it was cancelled gives a
   * process warning with the code `TSYNCIO_STUCK_TASK`.
   */
  stuckTaskDuration = 1_000;

  /**
   * True while a settled wait may reach its awaiter at once, in this turn of the host's loop. False past the
   * fairness budget, and always in a simulation: then it goes through {@link defer}.
   * @internal
   */
  direct = true;

  /** @internal */
  protected readonly timers: TimerHeap = new TimerHeap();
  private sequence = 0;
  /**
   * The calls of {@link callLater} and {@link callAt} that are still to come, each with what runs a function in the
   * async context of whoever scheduled it.
   * @internal
   */
  readonly scheduled: Map<Handle, <R>(run: () => R) => R> = new Map();

  /**
   * Whether debug mode is on: creation and await stacks are kept, and process warnings name what is likely wrong. On from
   * the beginning if the environment variable `TSYNCIO_DEBUG` is `1`, and during a `run` with `debug: true`.
   */
  get debug(): boolean {
    return this.debugHooks !== null;
  }

  set debug(on: boolean) {
    if (on === this.debug) return;
    this.debugHooks?.stop();
    this.debugHooks = on ? new DebugMonitor(this) : null;
  }

  /**
   * Switches debug mode on for a while, if it is wanted; `undefined` leaves that to the environment. The returned function
   * ends it: when all who wanted it have done so, it is as it was before the first.
   * @internal
   */
  claimDebug(wanted: boolean = debugByEnvironment()): () => void {
    if (!wanted) return () => {};
    if (this.debugClaims === 0) this.debugBefore = this.debug;
    this.debugClaims += 1;
    this.debug = true;
    return () => {
      this.debugClaims -= 1;
      if (this.debugClaims === 0) this.debug = this.debugBefore;
    };
  }

  /** Milliseconds on a clock that never goes back. */
  abstract time(): number;

  /** A recent reading of the clock: for what must be cheap and need not be exact. @internal */
  abstract recentTime(): number;

  /** Counts an operation against the fairness budget. @internal */
  abstract count(): void;
  /** Counts an operation whose purpose is to let others run, so the clock is looked at. @internal */
  abstract countYield(): void;
  /** Runs a continuation later, in this loop's order; used when `direct` is false. @internal */
  abstract defer(continuation: () => void): void;
  /** Runs a callback after a full turn of the loop: all that is ready now has run by then. @internal */
  abstract afterTurn(callback: () => void): void;
  /** Keeps the process alive until {@link release}. @internal */
  abstract hold(): void;
  /** @internal */
  abstract release(): void;
  /** As {@link hold}, for a wait that something outside tsyncio will end. @internal */
  abstract holdForeign(): void;
  /** @internal */
  abstract releaseForeign(): void;
  /** The earliest timer has changed. @internal */
  protected abstract rearm(): void;

  /** Calls back in the next microtask or later, in the caller's async context. */
  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    expectFunction(callback, "callSoon");
    const handle = new ScheduledCall(this, this.time(), () => callback(...args), callback.name);
    this.count();
    void this.settled(undefined).then(() => handle.run());
    return handle;
  }

  /** Calls back once `delay` has passed, in the caller's async context. Keeps the process alive until then. */
  callLater<A extends unknown[]>(delay: Duration, callback: (...args: A) => void, ...args: A): Handle {
    return this.callAt(this.time() + toMilliseconds(delay, "callLater"), callback, ...args);
  }

  /** As {@link callLater}, at a moment of this loop's clock. */
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): Handle {
    const moment = toMilliseconds(when, "callAt");
    expectFunction(callback, "callAt");
    const inContext = AsyncLocalStorage.snapshot();
    const handle: ScheduledCall = new ScheduledCall(this, moment, () => callback(...args), callback.name);
    handle.timer = this.addTimer(moment, () => inContext(() => handle.run()));
    this.scheduled.set(handle, inContext);
    return handle;
  }

  /** @internal */
  addTimer(when: number, callback: () => void): Timer {
    const timer = new Timer(when, this.sequence++, callback);
    this.timers.add(timer);
    if (timer.index === 0) this.rearm();
    return timer;
  }

  /** @internal */
  removeTimer(timer: Timer): void {
    timer.callback = null;
    if (timer.index < 0) return;
    const wasFirst = timer.index === 0;
    this.timers.remove(timer);
    if (wasFirst) this.rearm();
  }

  /**
   * Fires what is due. Timers that are set meanwhile wait for the next round, however early they are, so a callback
   * that sets a new one for "now" cannot keep the loop here.
   * @internal
   */
  protected fireTimers(now: number): void {
    const newest = this.sequence;
    for (;;) {
      const timer = this.timers.peek();
      if (timer === undefined || timer.when > now || timer.sequence >= newest) break;
      this.timers.remove(timer);
      const callback = timer.callback;
      timer.callback = null;
      if (callback === null) continue;
      try {
        callback();
      } catch (error) {
        this.reportException("a timer's callback threw", error);
      }
    }
  }

  /** A promise of a value that is there already, under the fairness budget. @internal */
  settled<T>(value: T): Promise<Awaited<T>> {
    if (this.direct) return Promise.resolve(value);
    return new Promise((resolve) => this.defer(() => resolve(value as Awaited<T>)));
  }

  /** A rejected promise, under the fairness budget. @internal */
  rejected(error: unknown): Promise<never> {
    if (this.direct) return Promise.reject(error);
    return new Promise((_, reject) => this.defer(() => reject(error)));
  }

  /**
   * Counts the end of an operation that may not have waited at all (a block, a combinator without jobs), and returns
   * what to await first if the host's loop is due a turn; null otherwise.
   * @internal
   */
  turnIfDue(): Promise<void> | null {
    this.count();
    return this.direct ? null : new Promise((resolve) => this.defer(resolve));
  }

  /** Tells the exception handler; never throws. @internal */
  reportException(message: string, error: unknown, about?: Pick<ExceptionContext, "handle" | "future">): void {
    if (this.exceptionHandler === null) return throwUncaught(error);
    try {
      this.exceptionHandler({ message, error, task: currentTaskName(), ...about, ...this.creationOf(about) });
    } catch (failure) {
      throwUncaught(
        new AggregateError([failure, error], `the exceptionHandler threw when it was told that ${message}`),
      );
    }
  }

  private creationOf(about?: Pick<ExceptionContext, "handle" | "future">): Pick<ExceptionContext, "createdAt"> {
    const made = about?.future ?? about?.handle;
    const stack = made === undefined ? undefined : this.debugHooks?.creationOf(made);
    return stack === undefined ? {} : { createdAt: stack.frames };
  }
}

/** Whether the environment variable `TSYNCIO_DEBUG` asks for debug mode. @internal */
export function debugByEnvironment(): boolean {
  return process.env["TSYNCIO_DEBUG"] === "1";
}

function throwUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/** One scheduled call: pending, then either called or cancelled. */
class ScheduledCall implements Handle {
  timer: Timer | null = null;
  private state: "pending" | "called" | "cancelled" = "pending";
  private readonly loop: EventLoop;
  private readonly moment: number;
  private call: (() => void) | null;
  private readonly name: string;

  constructor(loop: EventLoop, moment: number, call: () => void, name: string) {
    this.loop = loop;
    this.moment = moment;
    this.call = call;
    this.name = name;
    loop.debugHooks?.created(this);
  }

  run(): void {
    if (this.state !== "pending") return;
    this.state = "called";
    this.loop.scheduled.delete(this);
    const call = this.call as () => void;
    this.call = null;
    const { debugHooks } = this.loop;
    const start = debugHooks === null ? 0 : performance.now();
    try {
      call();
    } catch (error) {
      this.loop.reportException("a scheduled callback threw", error, { handle: this });
    }
    debugHooks?.callbackRan(this, this.name, performance.now() - start);
  }

  cancel(): void {
    if (this.state !== "pending") return;
    this.state = "cancelled";
    this.loop.scheduled.delete(this);
    this.call = null;
    if (this.timer !== null) this.loop.removeTimer(this.timer);
  }

  cancelled(): boolean {
    return this.state === "cancelled";
  }

  when(): number {
    return this.moment;
  }
}
