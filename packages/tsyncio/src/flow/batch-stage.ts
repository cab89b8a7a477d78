import { currentScope } from "../kernel/context.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import type { Timer } from "../kernel/timer-heap.ts";
import type { Iteration } from "./iteration.ts";
import type { Measure } from "./measure.ts";
import type { Pull } from "./pull.ts";
import { Stage } from "./stage.ts";

export interface BatchSettings<T> {
  readonly name: string;
  readonly items: number;
  readonly size: number;
  readonly measure: Measure<T> | null;
  /** In milliseconds; Infinity: until the batch is full. */
  readonly maxWait: number;
}

/**
 * Collects items into arrays. One batch may lie ready while the next is being collected.
 *
 *     empty ──an item──▶ collecting ──full, or the end──▶ full ──outlet empty──▶ empty
 *                            └──maxWait over──▶ due ──outlet empty──▶ empty
 *
 * A batch that is due while the one before it has not been taken goes on growing: it could not be sent anyway.
 */
export class BatchStage<T> extends Stage<T, T[]> {
  private readonly settings: BatchSettings<T>;
  private readonly loop: EventLoop = currentScope().loop;
  private current: T[] = [];
  private size = 0;
  private state: "empty" | "collecting" | "due" | "full" = "empty";
  private timer: Timer | null = null;

  constructor(iteration: Iteration, upstream: Pull<T>, settings: BatchSettings<T>) {
    super(iteration, upstream, settings.name);
    this.settings = settings;
  }

  protected async feed(): Promise<void> {
    try {
      for (;;) {
        const next = await this.upstream.next();
        if (next.done === true) break;
        await this.collect(next.value);
      }
      await this.complete();
    } finally {
      this.disarm();
    }
  }

  private async collect(item: T): Promise<void> {
    const { settings } = this;
    this.counters.in += 1;
    this.counters.waiting += 1;
    this.counters.changed();
    const size = settings.measure === null ? 0 : settings.measure(item);
    if (this.size + size > settings.size) await this.complete();
    this.current.push(item);
    this.size += size;
    if (this.state === "empty") this.arm();
    if (this.current.length >= settings.items || this.size >= settings.size) await this.complete();
  }

  /** Waits until the batch in hand has been laid down, if there is one. */
  private async complete(): Promise<void> {
    if (this.state === "empty") return;
    this.state = "full";
    this.disarm();
    this.flush();
    await this.gate.until(`the last batch of ${this.name} to be taken`, () => this.state !== "full");
  }

  private arm(): void {
    this.state = "collecting";
    const { maxWait } = this.settings;
    if (maxWait === Number.POSITIVE_INFINITY) return;
    this.timer = this.loop.addTimer(this.loop.time() + maxWait, () => {
      this.timer = null;
      this.state = "due";
      this.flush();
    });
  }

  private disarm(): void {
    if (this.timer !== null) this.loop.removeTimer(this.timer);
    this.timer = null;
  }

  private flush(): void {
    if (this.outlet.size > 0 || (this.state !== "due" && this.state !== "full")) return;
    const batch = this.current;
    this.current = [];
    this.size = 0;
    this.state = "empty";
    this.outlet.push(batch);
    this.gate.look();
  }

  protected taken(batch: T[]): void {
    this.counters.waiting -= batch.length;
    this.counters.out += 1;
    this.counters.changed();
    this.flush();
  }
}
