import type { Crew } from "../tasks/crew.ts";
import type { BlockScope } from "../tasks/block-scope.ts";
import { Gate } from "./gate.ts";
import type { Iteration } from "./iteration.ts";
import { Outlet } from "./outlet.ts";
import type { Pull } from "./pull.ts";
import type { StageCounters } from "./stage-stats.ts";

/**
 * A stage that works by itself, beside those before and after it. Its *feeder* is a task that reads from upstream as
 * long as there is room, and lays results down in the outlet, where the next stage takes them.
 *
 * All that it starts runs in its own scope, so it can be left by itself (after a `take`, for example): its feeder is
 * cancelled, and leaves the stage before it in turn, up to the source.
 */
export abstract class Stage<I, O> implements Pull<O> {
  protected readonly name: string;
  protected readonly iteration: Iteration;
  protected readonly upstream: Pull<I>;
  protected readonly crew: Crew;
  protected readonly outlet: Outlet<O>;
  protected readonly counters: StageCounters;
  /** Where the feeder waits. */
  protected readonly gate: Gate = new Gate();
  private readonly scope: BlockScope;

  constructor(
    iteration: Iteration,
    upstream: Pull<I>,
    name: string,
    counters: StageCounters = iteration.counters(name),
  ) {
    this.name = name;
    this.iteration = iteration;
    this.upstream = upstream;
    const section = iteration.section(name);
    this.scope = section.scope;
    this.crew = section.crew;
    this.counters = counters;
    this.outlet = new Outlet<O>((value) => this.taken(value));
  }

  /** Reads from upstream and lays down results, until there are no more. */
  protected abstract feed(): Promise<void>;

  /** Called when the next stage has taken a result. */
  protected abstract taken(value: O): void;

  /** Begins to work. */
  start(): this {
    const feeder = this.crew.add(() => this.work(), `${this.name}: feeder`, true);
    // A task whose scope is cancelled already never runs; its readers must not wait for it.
    if (feeder.done()) this.outlet.abort();
    return this;
  }

  private async work(): Promise<void> {
    try {
      await this.iteration.reading(this.upstream, () => this.feed());
    } catch (error) {
      this.outlet.abort();
      throw error;
    }
    this.outlet.close();
  }

  next(): Promise<IteratorResult<O, undefined>> {
    return this.outlet.next();
  }

  async leave(): Promise<void> {
    if (this.crew.size > 0) this.scope.cancel(`${this.name}: no more is wanted`);
  }
}
