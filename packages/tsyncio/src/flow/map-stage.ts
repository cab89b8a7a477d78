import type { Task } from "../tasks/task.ts";
import type { Iteration } from "./iteration.ts";
import type { Pull } from "./pull.ts";
import { Stage } from "./stage.ts";

/** A call in its place in the order; `result` is null until it has ended. */
interface Slot<O> {
  result: { readonly value: O } | null;
}

/** How many calls a stage makes at once, and in which order it gives their results. */
export interface CallBounds {
  readonly name: string;
  readonly limit: number;
  readonly ordered: boolean;
}

/** How a stage calls its function. */
export interface CallSettings<I, O> extends CallBounds {
  readonly call: (item: I, index: number) => O | PromiseLike<O>;
}

/**
 * Calls a function with each item, each call in a task of its own. At most `limit` calls run; together with the
 * results that wait for their turn or their reader, the stage holds at most twice as many items.
 */
export class MapStage<I, O> extends Stage<I, O> {
  private readonly settings: CallSettings<I, O>;
  private readonly order: Slot<O>[] = [];
  private running = 0;
  /** Items in the stage: calls that run, and results that nobody has taken. */
  private held = 0;

  constructor(iteration: Iteration, upstream: Pull<I>, settings: CallSettings<I, O>) {
    super(iteration, upstream, settings.name);
    this.settings = settings;
  }

  protected async feed(): Promise<void> {
    const { limit } = this.settings;
    const room = (): boolean => this.running < limit && this.held < 2 * limit;
    for (let index = 0; ; index += 1) {
      await this.gate.until(`room in ${this.name}`, room);
      const next = await this.upstream.next();
      if (next.done === true) break;
      this.begin(next.value, index);
    }
    await this.gate.until(`the last calls of ${this.name}`, () => this.running === 0);
  }

  private begin(item: I, index: number): void {
    const slot: Slot<O> = { result: null };
    if (this.settings.ordered) this.order.push(slot);
    this.running += 1;
    this.held += 1;
    this.counters.in += 1;
    this.counters.inFlight += 1;
    this.counters.changed();
    const task = this.crew.add<O>(() => this.settings.call(item, index), this.name);
    task.observe(() => this.settle(task, slot));
  }

  private settle(task: Task<O>, slot: Slot<O>): void {
    this.running -= 1;
    this.counters.inFlight -= 1;
    if (task.status === "fulfilled") {
      this.counters.waiting += 1;
      this.counters.changed();
      this.deliver(task.payload as O, slot);
    } else {
      if (task.status === "failed") this.counters.failed += 1;
      this.counters.changed();
    }
    this.gate.look();
  }

  private deliver(value: O, slot: Slot<O>): void {
    if (!this.settings.ordered) {
      this.outlet.push(value);
      return;
    }
    slot.result = { value };
    for (let first = this.order[0]; first !== undefined && first.result !== null; first = this.order[0]) {
      this.order.shift();
      this.outlet.push(first.result.value);
    }
  }

  protected taken(): void {
    this.held -= 1;
    this.counters.waiting -= 1;
    this.counters.out += 1;
    this.counters.changed();
    this.gate.look();
  }
}
