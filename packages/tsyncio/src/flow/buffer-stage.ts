import type { Iteration } from "./iteration.ts";
import type { Measure } from "./measure.ts";
import type { Pull } from "./pull.ts";
import { Stage } from "./stage.ts";

export interface BufferSettings<T> {
  readonly name: string;
  readonly items: number;
  readonly bytes: number;
  readonly measure: Measure<T> | null;
}

/**
 * Reads ahead, as far as the bounds allow. What was read and does not fit is held in hand until it does, one item at
 * most; an item that is larger than the bound waits until the buffer is empty, and passes alone.
 */
export class BufferStage<T> extends Stage<T, T> {
  private readonly settings: BufferSettings<T>;
  private items = 0;
  private bytes = 0;
  /** The sizes of what lies in the outlet, by item in order: an item may change after it was measured. */
  private readonly sizes: number[] = [];

  constructor(iteration: Iteration, upstream: Pull<T>, settings: BufferSettings<T>) {
    super(iteration, upstream, settings.name);
    this.settings = settings;
  }

  protected async feed(): Promise<void> {
    const { settings } = this;
    const label = `room in ${this.name}`;
    for (;;) {
      await this.gate.until(label, () => this.items < settings.items && this.bytes < settings.bytes);
      const next = await this.upstream.next();
      if (next.done === true) return;
      this.counters.in += 1;
      this.counters.waiting += 1;
      this.counters.changed();
      const size = settings.measure === null ? 0 : settings.measure(next.value);
      await this.gate.until(label, () => this.items === 0 || this.bytes + size <= settings.bytes);
      this.items += 1;
      this.bytes += size;
      this.sizes.push(size);
      this.outlet.push(next.value);
    }
  }

  protected taken(): void {
    this.items -= 1;
    this.bytes -= this.sizes.shift() ?? 0;
    this.counters.waiting -= 1;
    this.counters.out += 1;
    this.counters.changed();
    this.gate.look();
  }
}
