import { BinaryHeap } from "./binary-heap.ts";
import { Queue, type QueueOptions } from "./queue.ts";
import { compareRanks, expectRank } from "./rank.ts";

/** Options of a {@link PriorityQueue}. */
export interface PriorityQueueOptions<T> extends QueueOptions {
  /**
   * Negative if the first item leaves before the second, positive if after it, 0 if in the order of their coming, as
   * for `Array.sort`. It must not throw. Default: by rank; see {@link PriorityQueue}.
   */
  readonly compare?: (a: T, b: T) => number;
}

/**
 * A {@link Queue} that gives the smallest item first, and equals in the order of their coming. Without a `compare`,
 * items are numbers, bigints, strings or dates, or tuples of which the first element is one and decides alone:
 * `[priority, item]`. Each must be of the same kind as the others.
 *
 *     const queue = new PriorityQueue<[priority: number, job: string]>();
 *     await queue.put([2, "sweep the floor"]);
 *     await queue.put([1, "put out the fire"]);
 *     const [, job] = await queue.get();
 *     console.log(job); // put out the fire
 */
export class PriorityQueue<T> extends Queue<T> {
  constructor(options: number | PriorityQueueOptions<T> = {}) {
    const compare = typeof options === "number" ? undefined : options.compare;
    super(options, compare === undefined ? new BinaryHeap<T>(compareRanks, expectRank()) : ordered(compare));
  }
}

function ordered<T>(compare: (a: T, b: T) => number): BinaryHeap<T> {
  if (typeof compare !== "function") throw new TypeError("PriorityQueue: expected compare to be a function");
  return new BinaryHeap<T>(compare, (item) => {
    // A comparator that cannot handle the item is better found at the door than inside the heap.
    if (Number.isNaN(compare(item, item))) throw new TypeError("PriorityQueue: compare gave NaN for this item");
  });
}
