/** What a member of an {@link IntrusiveList} carries. A node that is in no list has `next === null`. */
export interface ListNode<N> {
  previous: N | null;
  next: N | null;
}

/**
 * A doubly linked list whose links live in its members: adding and dropping a member are O(1) and allocate nothing.
 * The list is circular, so `first.previous` is the last member. A member is in at most one list at a time.
 */
export class IntrusiveList<N extends ListNode<N>> {
  first: N | null = null;

  append(node: N): void {
    const first = this.first;
    if (first === null) {
      node.previous = node;
      node.next = node;
      this.first = node;
      return;
    }
    const last = first.previous as N;
    node.previous = last;
    node.next = first;
    last.next = node;
    first.previous = node;
  }

  /** The caller knows that `node` is in this list. */
  remove(node: N): void {
    const next = node.next as N;
    if (next === node) {
      this.first = null;
    } else {
      const previous = node.previous as N;
      previous.next = next;
      next.previous = previous;
      if (this.first === node) this.first = next;
    }
    node.previous = null;
    node.next = null;
  }

  /** The members now, first to last: safe to walk while the list changes. */
  snapshot(): N[] {
    const nodes: N[] = [];
    this.collect(nodes);
    return nodes;
  }

  /** Appends the members, first to last, to an array. */
  collect(nodes: N[]): void {
    const first = this.first;
    if (first === null) return;
    let node = first;
    do {
      nodes.push(node);
      node = node.next as N;
    } while (node !== first);
  }
}
