import type { ItemStore } from "./item-store.ts";

interface Entry<T> {
  readonly item: T;
  /** The number of its arrival, which decides between equals. */
  readonly arrival: number;
}

/**
 * The smallest item first, equals in the order of their coming; both ends in O(log n).
 *
 * The entry at `i` comes before those at `2i + 1` and `2i + 2`. Each change first looks for the place, comparing only,
 * and then moves the entries, so a comparator that throws leaves everything as it was.
 */
export class BinaryHeap<T> implements ItemStore<T> {
  readonly check: (item: T) => void;
  private readonly compare: (a: T, b: T) => number;
  private readonly entries: Entry<T>[] = [];
  private arrivals = 0;

  constructor(compare: (a: T, b: T) => number, check: (item: T) => void) {
    this.compare = compare;
    this.check = check;
  }

  get size(): number {
    return this.entries.length;
  }

  push(item: T): void {
    const { entries } = this;
    const entry: Entry<T> = { item, arrival: this.arrivals };
    let place = entries.length;
    while (place > 0 && this.before(entry, entries[parentOf(place)] as Entry<T>)) place = parentOf(place);
    this.arrivals += 1;
    for (let index = entries.length; index > place; index = parentOf(index)) {
      entries[index] = entries[parentOf(index)] as Entry<T>;
    }
    entries[place] = entry;
  }

  pop(): T {
    const { entries } = this;
    const last = entries.length - 1;
    let carried = entries[last] as Entry<T>;
    let place = 0;
    for (let child = this.firstChild(place, last); child < last; child = this.firstChild(place, last)) {
      if (!this.before(entries[child] as Entry<T>, carried)) break;
      place = child;
    }
    entries.pop();
    if (last === 0) return carried.item;
    // From the place upward, each entry moves to its parent's; the one at the top falls out.
    for (let index = place; ; index = parentOf(index)) {
      const lifted = entries[index] as Entry<T>;
      entries[index] = carried;
      carried = lifted;
      if (index === 0) return carried.item;
    }
  }

  clear(): void {
    this.entries.length = 0;
  }

  /** Which of the two children comes first; `last` or more if there is none below `last`. */
  private firstChild(index: number, last: number): number {
    const left = 2 * index + 1;
    const right = left + 1;
    if (right >= last) return left;
    return this.before(this.entries[right] as Entry<T>, this.entries[left] as Entry<T>) ? right : left;
  }

  private before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.compare(a.item, b.item);
    return order === 0 ? a.arrival < b.arrival : order < 0;
  }
}

function parentOf(index: number): number {
  return (index - 1) >> 1;
}
