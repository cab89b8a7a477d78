import { LatencyWindow } from "./latency-window.ts";

/** A call that has begun. */
export interface BegunCall {
  /** How many were in flight when it began, itself included. */
  readonly level: number;
  /** Whether others had to wait then: only so does its success say anything about the limit. */
  readonly saturated: boolean;
  /** Which call it was, counted from 0. */
  readonly sequence: number;
  /** The {@link ConcurrencySearch.epoch} in which it began. */
  readonly epoch: number;
}

/** Where the search is. */
export type SearchPhase = "opening" | "settled" | "probing" | "paused";

type State =
  /** Each success adds one; up to `target`, if one is known from before a pause. */
  | { readonly kind: "opening"; readonly target: number }
  /** The limit holds; a step up is tried after so many more successes. */
  | { readonly kind: "settled"; readonly left: number }
  /** A step up from `from` is being tried; it is accepted after so many more successes. */
  | { readonly kind: "probing"; readonly from: number; readonly left: number }
  /** The service is closed: nobody begins before `until`, then one alone. `delay` is the wait after its refusal. */
  | { readonly kind: "paused"; readonly until: number; readonly delay: number; readonly target: number };

/** A service that refuses may have too many calls to do, or be closed. */
interface Suspicion {
  /** The first call that began after the first refusal. */
  readonly sequence: number;
  /** The limit before it. */
  readonly limit: number;
  /** How many of the calls that began after it have been refused. */
  readonly strikes: number;
}

/** A window whose median call takes this many times as long as in the fastest window is one whose calls queue. */
const tolerance = 2;

/** How far above the knee a cut aims, so that the service is not left with nothing to do. */
const slack = 1.25;

/** How many successes lie between two probes. */
const probeEvery = { least: 100, most: 4_096 };

/** One of so many in flight must be refused for the service to count as closed. */
const callsPerStrike = 10;

/** The pauses of which a service says nothing, in milliseconds. */
const pause = { shortest: 10, longestFirst: 1_000, longest: 30_000, growth: 1.5 };

/**
 * # Finding the concurrency of a service that publishes none
 *
 * Below its capacity, a service answers the more the more calls are in flight. Above it, it refuses the surplus (429),
 * or lets it queue: then calls take longer and no more is done. The search looks for both edges:
 *
 *     opening ──refused, or calls queue──▶ settled ──enough successes──▶ probing
 *        ▲                                  ▲    ▲                        │    │
 *        │                                  │    └──refused: back─────────┘    │
 *        │                                  └───────enough successes: stay up──┘
 *        └── the one call succeeds ── paused ◀── refused again and again (from every state)
 *
 * - **Opening** adds one for each success (the slow start of TCP), so the limit doubles with each round trip.
 * - **A refusal** puts the limit one below the number that were in flight. That is known, so nothing is lost by backing
 *   off to some fraction of it; of several calls that were too many, each one's refusal takes one off.
 * - **More refusals**, of calls that began after the first was known, and before any such call has succeeded, mean that
 *   the level is not to blame: the service is closed. Everybody waits, as long as it asks or about as long as a call
 *   takes, then one call tries, at growing intervals. Its success opens again at half the former limit. A service that
 *   closes again before that limit is reached has shrunk: each time, half of it is given up.
 * - **Queueing** shows in the median duration of a window of calls. By Little's law, the calls that are too many lengthen
 *   all of them in proportion, so the limit is cut in that proportion. Calls that take as long after the cut are slow for
 *   another reason: then the cut is taken back, and the longer time is the new measure.
 * - **Probing** tries a step up from time to time, because capacity also comes back. Each refused probe doubles the
 *   successes before the next one, each accepted probe the step.
 *
 * Measuring the knee by durations is the idea of TCP Vegas, and of the gradient limits in Netflix's concurrency-limits.
 */
export class ConcurrencySearch {
  private readonly min: number;
  private readonly max: number;
  private current: number;
  private state: State = { kind: "opening", target: Number.POSITIVE_INFINITY };
  /** Raised by a pause and by a cut: calls from before have nothing more to say. */
  epoch = 0;
  private begun = 0;
  /** A refusal, until a call that began after it shows whether the level was to blame. */
  private suspicion: Suspicion | null = null;
  private probeAfter = probeEvery.least;
  private step = 1;
  private readonly latency: LatencyWindow = new LatencyWindow();
  /** The last cut, until the next window shows whether it helped. */
  private cut: { readonly from: number; readonly duration: number } | null = null;

  constructor(initial: number, min: number, max: number) {
    this.current = initial;
    this.min = min;
    this.max = max;
  }

  get phase(): SearchPhase {
    return this.state.kind;
  }

  /** How many may be in flight while the service is open. */
  get limit(): number {
    return this.state.kind === "paused" ? this.state.target : this.current;
  }

  /** The moment before which nobody begins; null while the service is open. */
  get pausedUntil(): number | null {
    return this.state.kind === "paused" ? this.state.until : null;
  }

  /** The median duration in the fastest window, in milliseconds; undefined before the first. */
  get baseline(): number | undefined {
    return this.latency.shortest;
  }

  /** Whether one more may begin now, besides `inFlight`, of which `ofEpoch` began in this epoch. */
  admits(now: number, inFlight: number, ofEpoch: number): boolean {
    if (this.state.kind !== "paused") return inFlight < this.current;
    return now >= this.state.until && ofEpoch === 0;
  }

  begin(level: number, saturated: boolean): BegunCall {
    return { level, saturated, sequence: this.begun++, epoch: this.epoch };
  }

  /** The call has ended well, after `duration` milliseconds. */
  succeeded(call: BegunCall, duration: number): void {
    if (call.epoch !== this.epoch) return;
    if (this.suspicion !== null && call.sequence >= this.suspicion.sequence) this.suspicion = null;
    if (this.state.kind === "paused") this.reopen(this.state.target);
    else if (call.saturated) {
      this.grow(this.state);
      this.measure(call, duration);
    }
  }

  private reopen(target: number): void {
    this.current = Math.max(this.min, Math.ceil(target / 2));
    this.state = { kind: "opening", target };
  }

  private grow(state: Exclude<State, { kind: "paused" }>): void {
    if (state.kind === "opening") {
      const ceiling = Math.min(state.target, this.max);
      this.current = Math.min(this.current + 1, ceiling);
      if (this.current === ceiling) this.settle();
    } else if (state.left > 1) {
      this.state = { ...state, left: state.left - 1 };
    } else if (state.kind === "probing") {
      this.step = Math.min(2 * this.step, Math.ceil(this.current / 4));
      this.probeAfter = probeEvery.least;
      this.settle();
    } else if (this.current < this.max) {
      const from = this.current;
      this.current = Math.min(from + this.step, this.max);
      this.state = { kind: "probing", from, left: 2 * this.current };
    }
  }

  private settle(): void {
    this.state = { kind: "settled", left: Math.max(this.probeAfter, 2 * this.current) };
  }

  /**
   * The service has refused the call, one of `inFlight` that nobody has left meanwhile. `retryAfter`: how long it asked to be left alone, in
   * milliseconds, if it did.
   */
  refused(call: BegunCall, inFlight: number, now: number, retryAfter: number | undefined): void {
    const { state, suspicion } = this;
    if (state.kind === "paused") this.stayClosed(state, call, now, retryAfter);
    else if (call.epoch === this.epoch) {
      const strikes = suspicion === null || call.sequence < suspicion.sequence ? 0 : 1;
      this.suspicion =
        suspicion === null
          ? { sequence: this.begun, limit: limitOf(state, this.current), strikes }
          : { ...suspicion, strikes: suspicion.strikes + strikes };
      if (strikes > 0 && this.suspicion.strikes >= this.suspicion.limit / callsPerStrike) {
        return this.close(this.suspicion.limit, now, retryAfter);
      }
      // Not the level at which it began: calls overtake each other, and need not be refused in the order of beginning.
      if (inFlight - 1 < this.current) this.retreat(Math.max(this.min, inFlight - 1));
    }
  }

  /** Settles at a lower limit. */
  private retreat(limit: number): void {
    if (this.state.kind === "probing") this.probeAfter = Math.min(2 * this.probeAfter, probeEvery.most);
    this.step = 1;
    this.current = limit;
    this.settle();
  }

  private close(target: number, now: number, retryAfter: number | undefined): void {
    const delay = Math.min(Math.max(this.latency.recent ?? 0, pause.shortest), pause.longestFirst);
    this.state = { kind: "paused", until: now + (retryAfter ?? delay), delay, target };
    this.suspicion = null;
    this.turnPage();
  }

  private stayClosed(
    state: State & { readonly kind: "paused" },
    call: BegunCall,
    now: number,
    retryAfter: number | undefined,
  ): void {
    // What was under way when the service closed tells at most how long it wants to be left alone.
    const tried = call.epoch === this.epoch;
    const delay = tried ? Math.min(state.delay * pause.growth, pause.longest) : state.delay;
    const until = now + (retryAfter ?? (tried ? delay : 0));
    this.state = { ...state, delay, until: Math.max(state.until, until) };
  }

  private turnPage(): void {
    this.epoch += 1;
    this.cut = null;
    this.latency.restart();
  }

  /** Looks for calls that queue in the service. */
  private measure(call: BegunCall, duration: number): void {
    const window = this.latency.add(call.sequence, duration, call.level);
    if (window === undefined) return;
    const { cut } = this;
    this.cut = null;
    if (cut !== null && window.duration > 0.9 * cut.duration) {
      this.latency.shortest = window.duration;
      this.current = Math.max(this.current, cut.from);
      this.settle();
      return;
    }
    const ratio = window.duration / (this.latency.shortest as number);
    const knee = Math.max(this.min, Math.round((window.level * slack) / ratio));
    if (ratio <= tolerance || knee >= this.current) return;
    const from = this.current;
    this.retreat(knee);
    this.turnPage();
    this.cut = { from, duration: window.duration };
  }
}

/** The limit to which a state leads. */
function limitOf(state: State, current: number): number {
  if (state.kind === "probing") return state.from;
  if (state.kind === "opening" && state.target < Number.POSITIVE_INFINITY) return Math.ceil(state.target / 2);
  return current;
}
