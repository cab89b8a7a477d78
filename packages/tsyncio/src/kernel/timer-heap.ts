/** A moment and what happens then. `index` is its place in the heap, or -1 when it is in none. */
export class Timer {
  readonly when: number;
  /** Breaks ties: timers of one moment fire in the order in which they were set. */
  readonly sequence: number;
  callback: (() => void) | null;
  index = -1;

  constructor(when: number, sequence: number, callback: () => void) {
    this.when = when;
    this.sequence = sequence;
    this.callback = callback;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.when < b.when || (a.when === b.when && a.sequence < b.sequence);
}

/**
 * A binary min-heap of timers that knows where each one lies, so that dropping one is O(log n) and leaves nothing
 * behind (a heap that only marks its dead keeps what they refer to until their moment comes).
 */
export class TimerHeap {
  private readonly timers: Timer[] = [];

  get size(): number {
    return this.timers.length;
  }

  /** The earliest timer, or undefined. */
  peek(): Timer | undefined {
    return this.timers[0];
  }

  add(timer: Timer): void {
    this.timers.push(timer);
    this.siftUp(timer, this.timers.length - 1);
  }

  /** Drops a timer; one that is in no heap is left alone. */
  remove(timer: Timer): void {
    const index = timer.index;
    if (index < 0) return;
    timer.index = -1;
    const last = this.timers.pop() as Timer;
    if (last === timer) return;
    const parent = this.timers[(index - 1) >> 1];
    if (index > 0 && parent !== undefined && before(last, parent)) this.siftUp(last, index);
    else this.siftDown(last, index);
  }

  private siftUp(timer: Timer, from: number): void {
    const timers = this.timers;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = timers[parentIndex] as Timer;
      if (!before(timer, parent)) break;
      timers[index] = parent;
      parent.index = index;
      index = parentIndex;
    }
    timers[index] = timer;
    timer.index = index;
  }

  private siftDown(timer: Timer, from: number): void {
    const timers = this.timers;
    const size = timers.length;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= size) break;
      let child = timers[childIndex] as Timer;
      const right = timers[childIndex + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!before(child, timer)) break;
      timers[index] = child;
      child.index = index;
      index = childIndex;
    }
    timers[index] = timer;
    timer.index = index;
  }
}
