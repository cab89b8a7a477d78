/** The middle of a window of calls. */
export interface WindowMedian {
  /** In milliseconds. */
  readonly duration: number;
  /** How many were in flight. */
  readonly level: number;
}

/** With fewer calls, medians of heavy-tailed durations differ by a factor of two from window to window by chance. */
const smallestWindow = 50;

/** A window is complete when so many of its calls have ended: those that are missing are the slowest, whatever they take. */
const completeAt = 0.8;

/** A window whose calls do not report, because they were refused or cancelled, is given up after so many windows. */
const patience = 3;

/**
 * The durations of calls, in windows of fifty calls or one round of all that are in flight, whichever is more. Medians,
 * because the durations of services have heavy tails: one call in a hundred that takes a minute says nothing of load.
 *
 * A window holds calls that *began* one after the other, and not those that ended so: of calls that begin together, the
 * fastest end first, and a window of them would show a service that is faster than it is.
 */
export class LatencyWindow {
  private first = -1;
  private size = 0;
  private readonly durations: number[] = [];
  private readonly levels: number[] = [];
  /** The median of the fastest window so far, in milliseconds. */
  shortest: number | undefined;
  /** The median of the newest window, or the first duration before there was one, in milliseconds. */
  recent: number | undefined;

  /** Takes the call with this number, and returns the medians of the window that it completes. */
  add(sequence: number, duration: number, level: number): WindowMedian | undefined {
    this.recent ??= duration;
    if (this.first < 0 || sequence >= this.first + patience * this.size) this.open(sequence, level);
    if (sequence < this.first || sequence >= this.first + this.size) return undefined;
    this.durations.push(duration);
    this.levels.push(level);
    if (this.durations.length < completeAt * this.size) return undefined;
    const window = { duration: this.median(), level: this.levels[this.levels.length >> 1] as number };
    this.recent = window.duration;
    this.shortest = Math.min(this.shortest ?? window.duration, window.duration);
    this.restart();
    return window;
  }

  private open(sequence: number, level: number): void {
    this.restart();
    this.first = sequence;
    this.size = Math.max(smallestWindow, level);
  }

  /** The middle one of all calls of the window, those included that are still to end. */
  private median(): number {
    return this.durations.toSorted((a, b) => a - b)[this.size >> 1] as number;
  }

  /** Drops the window that is under way. */
  restart(): void {
    this.first = -1;
    this.durations.length = 0;
    this.levels.length = 0;
  }
}
