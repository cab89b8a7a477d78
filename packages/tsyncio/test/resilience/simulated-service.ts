import { getRunningLoop, Semaphore, sleep } from "tsyncio";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

/** What a service answers when it has too much to do. */
export class Refused extends Error {
  readonly status = 429;
  readonly retryAfter: number | undefined;

  constructor(retryAfter?: number) {
    super("429");
    this.retryAfter = retryAfter;
  }
}

export interface ServiceOptions {
  /** How many calls are served at once. */
  capacity: number;
  /** What happens to the others. */
  readonly surplus: "refused" | "queued";
  readonly seed: number;
  /** Median duration of a call, in milliseconds; the durations have a heavy tail (log-normal, sigma 0.5). */
  duration?: number;
  /** Whether the service is closed at a moment, and for how long still, if it says so. */
  readonly closed?: (now: number) => { readonly retryAfter?: number } | undefined;
}

/** A service in virtual time. */
export class SimulatedService {
  readonly options: ServiceOptions;
  /** Calls that were refused. */
  refused = 0;
  /** The service times of all calls that were served, added up. */
  served = 0;
  private running = 0;
  private readonly random: SeededRandom;
  private readonly queue: Semaphore;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.queue = new Semaphore(options.capacity);
  }

  async call(): Promise<void> {
    const { options } = this;
    await sleep(1); // the way there
    const closed = options.closed?.(getRunningLoop().time());
    if (closed !== undefined || (options.surplus === "refused" && this.running >= options.capacity)) {
      this.refused += 1;
      throw new Refused(closed?.retryAfter);
    }
    using _place = options.surplus === "queued" ? await this.queue.acquire() : undefined;
    this.running += 1;
    const duration = (options.duration ?? 100) * Math.exp(0.5 * this.gaussian());
    this.served += duration;
    try {
      await sleep(duration);
    } finally {
      this.running -= 1;
    }
    await sleep(1); // the way back
  }

  /** Box and Muller's transform. */
  private gaussian(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.random.next()));
    return radius * Math.cos(2 * Math.PI * this.random.next());
  }
}
