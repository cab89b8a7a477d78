import { InvalidStateError } from "../errors.ts";
import { Semaphore } from "./semaphore.ts";

/**
 * A semaphore that never has more permits free than at first: one release too many is an error instead of a leak.
 * Asking for more permits than there are in all is one too (a RangeError), because that wait could never end.
 *
 *     const connections = new BoundedSemaphore(2);
 *     {
 *       using lease = await connections.acquire();
 *       show(await fetchPage(url));
 *     }
 *     try {
 *       connections.release(); // once too often
 *     } catch (error) {
 *       console.log(error instanceof InvalidStateError); // true
 *     }
 */
export class BoundedSemaphore extends Semaphore {
  /** How many permits there are, free and held. */
  readonly bound: number;

  /**
   * @param permits A whole number from 0 on, or Infinity. Default: 1.
   * @throws RangeError for anything else.
   */
  constructor(permits = 1) {
    super(permits);
    this.bound = permits;
  }

  /** @throws InvalidStateError if more would be free than there are; RangeError as in {@link Semaphore.release}. */
  override release(permits = 1): void {
    const { free } = this.statistics();
    if (free + permits > this.bound) {
      throw new InvalidStateError(
        `BoundedSemaphore.release: ${free} of ${this.bound} permits are free, so ${permits} cannot be given back`,
      );
    }
    super.release(permits);
  }

  /** @internal */
  protected override expectPermits(permits: number, method: string): void {
    super.expectPermits(permits, method);
    if (permits > this.bound) {
      throw new RangeError(`BoundedSemaphore.${method}: there are ${this.bound} permits in all, got ${permits}`);
    }
  }
}
