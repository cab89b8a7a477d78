import { IntrusiveList, type ListNode } from "../kernel/intrusive-list.ts";
import type { Waiter } from "../kernel/selectable.ts";

/** One place in a {@link WaitLine}: who waits there, and for what. */
export class Place<T, D> implements ListNode<Place<T, D>> {
  readonly waiter: Waiter<T>;
  readonly demand: D;
  previous: Place<T, D> | null = null;
  next: Place<T, D> | null = null;

  constructor(waiter: Waiter<T>, demand: D) {
    this.waiter = waiter;
    this.demand = demand;
  }
}

/**
 * Those who wait for something, in the order of their coming. Joining, serving the first and leaving from the middle
 * are O(1). (A `Set` would be quadratic: reading its first member walks over all those that were deleted before it.)
 */
export class WaitLine<T, D = undefined> {
  private readonly places: IntrusiveList<Place<T, D>> = new IntrusiveList();
  private count = 0;

  get length(): number {
    return this.count;
  }

  get first(): Place<T, D> | null {
    return this.places.first;
  }

  /** Joins at the end. The returned function leaves, and says whether the place was still in the line. */
  join(waiter: Waiter<T>, demand: D): () => boolean {
    const place = new Place(waiter, demand);
    this.places.append(place);
    this.count += 1;
    return () => this.remove(place);
  }

  /** Takes the first place out of the line. */
  shift(): Place<T, D> | null {
    const first = this.places.first;
    if (first !== null) this.remove(first);
    return first;
  }

  private remove(place: Place<T, D>): boolean {
    if (place.next === null) return false;
    this.places.remove(place);
    this.count -= 1;
    return true;
  }
}
