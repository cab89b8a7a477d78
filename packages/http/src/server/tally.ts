import { suspend, type Wait } from "tsyncio";

/** Counts what is under way, and lets somebody wait until nothing is. */
export class Tally {
  private count = 0;
  private readonly waiters: Set<Wait<void>> = new Set();
  private readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  get size(): number {
    return this.count;
  }

  add(): void {
    this.count += 1;
  }

  remove(): void {
    this.count -= 1;
    if (this.count > 0) return;
    for (const wait of this.waiters) wait.resolve();
    this.waiters.clear();
  }

  async empty(): Promise<void> {
    while (this.count > 0) {
      await suspend<void>(this.label, (wait) => {
        this.waiters.add(wait);
        return () => this.waiters.delete(wait);
      });
    }
  }
}
