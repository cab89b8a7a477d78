const FEWEST_SLOTS = 1024;
/** More are given back once a text is done: emptying them would take longer than the next text. */
const MOST_SLOTS_KEPT = 16_384;

/**
 * Counts pairs of words by their hashes, in the order in which they came. Like a `Map` from hashes to counts and weights,
 * but in arrays that are used again for the next text: a hash's place is found by going on from the slot that it names
 * until it is met, or an empty slot, at most half of which are taken.
 */
export class PairCounts {
  size = 0;
  /** Of the pairs, in order. */
  #hashes: Int32Array = new Int32Array(FEWEST_SLOTS / 2);
  #weights: Float64Array = new Float64Array(FEWEST_SLOTS / 2);
  #counts: Float64Array = new Float64Array(FEWEST_SLOTS / 2);
  /** For each slot, the place of its pair, from 1; 0 is empty. */
  #slots: Int32Array = new Int32Array(FEWEST_SLOTS);

  /** Counts a pair; the weight of its first occurrence stays. */
  add(hash: number, weight: number, times: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let place = this.#slots[slot] ?? 0; place !== 0; place = this.#slots[slot] ?? 0) {
      if (this.#hashes[place - 1] === hash) {
        this.#counts[place - 1] = this.countAt(place - 1) + times;
        return;
      }
      slot = (slot + 1) & mask;
    }
    const place = this.size++;
    this.#hashes[place] = hash;
    this.#weights[place] = weight;
    this.#counts[place] = times;
    this.#slots[slot] = this.size;
    if (this.size === this.#hashes.length) this.#grow();
  }

  hashAt(place: number): number {
    return this.#hashes[place] ?? 0;
  }

  weightAt(place: number): number {
    return this.#weights[place] ?? 0;
  }

  countAt(place: number): number {
    return this.#counts[place] ?? 0;
  }

  clear(): void {
    this.size = 0;
    if (this.#slots.length > MOST_SLOTS_KEPT) this.#allocate(FEWEST_SLOTS);
    else this.#slots.fill(0);
  }

  #grow(): void {
    const { size } = this;
    const [hashes, weights, counts] = [this.#hashes, this.#weights, this.#counts];
    this.#allocate(4 * size);
    this.#hashes.set(hashes);
    this.#weights.set(weights);
    this.#counts.set(counts);
    const mask = this.#slots.length - 1;
    for (let place = 0; place < size; place++) {
      let slot = this.hashAt(place) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = place + 1;
    }
  }

  #allocate(slots: number): void {
    this.#slots = new Int32Array(slots);
    this.#hashes = new Int32Array(slots / 2);
    this.#weights = new Float64Array(slots / 2);
    this.#counts = new Float64Array(slots / 2);
  }
}
