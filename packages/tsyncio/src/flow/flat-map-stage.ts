import type { Task } from "../tasks/task.ts";
import { expectSource } from "../tasks/source.ts";
import { Gate } from "./gate.ts";
import type { Iteration } from "./iteration.ts";
import type { CallSettings } from "./map-stage.ts";
import type { Pull } from "./pull.ts";
import { type FlowSource, SourceReader } from "./source.ts";
import { Stage } from "./stage.ts";

/** One inner source that is being read, and what was read and waits for its turn. */
interface Lane<O> {
  readonly ready: O[];
  readonly gate: Gate;
  ended: boolean;
}

/**
 * Calls a function with each item, and reads the iterables that it gives. At most `limit` of these are read at a time,
 * each at most `limit` items ahead; as many again may have been read to their end and wait for their turn.
 */
export class FlatMapStage<I, O> extends Stage<I, O> {
  private readonly settings: CallSettings<I, FlowSource<O>>;
  /** In order of their beginning; those that have ended and are empty are gone. */
  private readonly lanes: Set<Lane<O>> = new Set();
  private running = 0;

  constructor(iteration: Iteration, upstream: Pull<I>, settings: CallSettings<I, FlowSource<O>>) {
    super(iteration, upstream, settings.name);
    this.settings = settings;
  }

  protected async feed(): Promise<void> {
    const { limit } = this.settings;
    const room = (): boolean => this.running < limit && this.lanes.size < 2 * limit;
    for (let index = 0; ; index += 1) {
      await this.gate.until(`room in ${this.name}`, room);
      const next = await this.upstream.next();
      if (next.done === true) break;
      this.begin(next.value, index);
    }
    await this.gate.until(`the last items of ${this.name}`, () => this.lanes.size === 0);
  }

  private begin(item: I, index: number): void {
    const lane: Lane<O> = { ready: [], gate: new Gate(), ended: false };
    this.lanes.add(lane);
    this.running += 1;
    this.counters.in += 1;
    this.counters.inFlight += 1;
    this.counters.changed();
    const task = this.crew.add(() => this.readInto(lane, item, index), this.name);
    task.observe(() => this.settle(task, lane));
  }

  private async readInto(lane: Lane<O>, item: I, index: number): Promise<void> {
    const inner = await this.settings.call(item, index);
    expectSource(inner, this.name);
    const source = new SourceReader<O>(inner, this.name);
    await this.iteration.reading(source, () => this.read(source, lane));
  }

  private settle(task: Task<void>, lane: Lane<O>): void {
    this.running -= 1;
    this.counters.inFlight -= 1;
    if (task.status === "failed") this.counters.failed += 1;
    this.counters.changed();
    lane.ended = true;
    this.flush();
    this.gate.look();
  }

  private async read(source: SourceReader<O>, lane: Lane<O>): Promise<void> {
    const { limit } = this.settings;
    for (;;) {
      await lane.gate.until(`room in ${this.name}`, () => lane.ready.length < limit);
      const next = await source.next();
      if (next.done === true) return;
      lane.ready.push(next.value);
      this.counters.waiting += 1;
      this.counters.changed();
      this.flush();
    }
  }

  /** Moves items on while the outlet is empty: from the first lane, or from one after the other. */
  private flush(): void {
    for (const lane of this.lanes) {
      while (lane.ready.length > 0) {
        if (this.outlet.size > 0) return;
        const value = lane.ready.shift() as O;
        if (!this.settings.ordered) this.moveToTheEnd(lane);
        this.outlet.push(value);
        lane.gate.look();
        if (!this.settings.ordered) break;
      }
      if (lane.ended && lane.ready.length === 0) this.lanes.delete(lane);
      else if (this.settings.ordered) return;
    }
  }

  private moveToTheEnd(lane: Lane<O>): void {
    this.lanes.delete(lane);
    this.lanes.add(lane);
  }

  protected taken(): void {
    this.counters.waiting -= 1;
    this.counters.out += 1;
    this.counters.changed();
    this.flush();
    this.gate.look();
  }
}
