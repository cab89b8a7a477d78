import { performance } from "node:perf_hooks";
import { clearTimeout, setImmediate, setInterval, setTimeout } from "node:timers";
import { inEmptyContext } from "./empty-context.ts";
import { debugByEnvironment, EventLoop } from "./event-loop.ts";

/** The longest that waits may hand over to each other in microtasks before the host's loop gets a turn. */
const budgetMs = 2;

/** How often the clock is looked at: after this many operations at most. */
const maxOperationsPerLook = 256;

/** The longest delay that a host timer takes. */
const maxHostDelay = 2 ** 31 - 1;

/**
 * The loop that runs on Node's own.
 *
 * **Fairness.** Promises settle in microtasks, and Node does nothing else (no timer, no socket, no signal) until the
 * microtask queue is empty. Two tasks that hand a queue item to and fro would keep it full for ever. So every
 * operation is counted, and once {@link budgetMs} have gone by without a turn of the host's loop, operations settle
 * through `setImmediate` until it has turned. Reading the clock costs as much as an operation, so it is read at the
 * first operation of a turn and then every N; N adapts to how long they take.
 *
 *     fresh ──first look──▶ measuring ──budget spent──▶ over ──host turned──▶ fresh
 *                               └──────host turned──────────────────────────────▲
 *
 * **Host handles.** One host timer for all timers; one immediate for all that is deferred; one interval that is
 * ref'd while somebody holds the process alive. All are created in the empty context.
 */
export class HostLoop extends EventLoop {
  private turn: "fresh" | "measuring" | "over" = "fresh";
  private turnStart = 0;
  private lastLook = 0;
  private operations = maxOperationsPerLook;
  private operationsPerLook = 16;
  private deferred: (() => void)[] = [];

  private hostTimer: NodeJS.Timeout | null = null;
  private hostTimerWhen = Number.POSITIVE_INFINITY;

  private holders = 0;
  private keepAlive: NodeJS.Timeout | null = null;

  constructor() {
    super();
    this.debug = debugByEnvironment();
  }

  time(): number {
    return performance.now();
  }

  recentTime(): number {
    return this.lastLook;
  }

  count(): void {
    this.operations += 1;
    if (this.operations >= this.operationsPerLook) this.look();
  }

  countYield(): void {
    this.look();
  }

  private look(): void {
    this.operations = 0;
    const now = performance.now();
    // Whole milliseconds, which an object holds without a heap number of its own: each wait keeps one.
    this.lastLook = Math.floor(now);
    if (this.turn === "fresh") {
      this.turn = "measuring";
      this.turnStart = now;
      inEmptyContext(armImmediate, this);
      return;
    }
    const spent = now - this.turnStart;
    if (spent > budgetMs) {
      if (this.turn === "measuring") {
        this.turn = "over";
        this.direct = false;
        this.operationsPerLook = Math.max(1, this.operationsPerLook >> 1);
      }
    } else if (spent < budgetMs / 4) {
      this.operationsPerLook = Math.min(maxOperationsPerLook, this.operationsPerLook * 2);
    }
  }

  defer(continuation: () => void): void {
    this.deferred.push(continuation);
  }

  /** The host's loop has turned: everybody who was deferred goes on, in order. */
  hostTurned(): void {
    this.turn = "fresh";
    this.direct = true;
    this.operations = maxOperationsPerLook;
    const deferred = this.deferred;
    if (deferred.length === 0) return;
    this.deferred = [];
    for (const continuation of deferred) continuation();
  }

  afterTurn(callback: () => void): void {
    // Two immediates: the first may run in the turn that is under way.
    inEmptyContext(setImmediate, () => setImmediate(callback));
  }

  protected rearm(): void {
    const first = this.timers.peek();
    if (first === undefined) {
      if (this.hostTimer !== null) clearTimeout(this.hostTimer);
      this.hostTimer = null;
      this.hostTimerWhen = Number.POSITIVE_INFINITY;
      return;
    }
    // A host timer that fires too early finds nothing due and arms the next one: cheaper than moving it each time.
    if (first.when >= this.hostTimerWhen) return;
    if (this.hostTimer !== null) clearTimeout(this.hostTimer);
    this.hostTimerWhen = first.when;
    const delay = Math.min(Math.max(Math.ceil(first.when - this.time()), 1), maxHostDelay);
    this.hostTimer = inEmptyContext(setTimeout, hostTimerFired, delay, this);
  }

  onHostTimer(): void {
    this.hostTimer = null;
    this.hostTimerWhen = Number.POSITIVE_INFINITY;
    this.fireTimers(this.time());
    this.rearm();
  }

  hold(): void {
    this.holders += 1;
    if (this.holders > 1) return;
    if (this.keepAlive === null) this.keepAlive = inEmptyContext(setInterval, () => {}, maxHostDelay);
    else this.keepAlive.ref();
  }

  release(): void {
    this.holders -= 1;
    if (this.holders === 0) this.keepAlive?.unref();
  }

  holdForeign(): void {
    this.hold();
  }

  releaseForeign(): void {
    this.release();
  }
}

function armImmediate(loop: HostLoop): void {
  setImmediate(immediateFired, loop);
}

function immediateFired(loop: HostLoop): void {
  loop.hostTurned();
}

function hostTimerFired(loop: HostLoop): void {
  loop.onHostTimer();
}
