import { inPlainContext } from "./plain-context.ts";

/** The longest delay that a host timer takes; whoever waits longer waits without a limit. */
const longest = 2 ** 31 - 1;

/** One timer that is set again and again, for one request. */
export class Timer {
  private handle: NodeJS.Timeout | null = null;
  private since = 0;

  /** Calls back with the time that has passed, once `delay` milliseconds have. Replaces what was set before. */
  set(delay: number, callback: (elapsed: number) => void): void {
    this.clear();
    if (delay > longest) return;
    this.since = performance.now();
    this.handle = inPlainContext(setTimeout, () => callback(this.elapsed), delay);
  }

  clear(): void {
    if (this.handle !== null) clearTimeout(this.handle);
    this.handle = null;
  }

  private get elapsed(): number {
    return performance.now() - this.since;
  }
}
