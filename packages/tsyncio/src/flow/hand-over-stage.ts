import type { Iteration } from "./iteration.ts";
import type { Pull } from "./pull.ts";
import { Stage } from "./stage.ts";
import { StageCounters } from "./stage-stats.ts";

/**
 * The last stage of a flow that is iterated, where the one before it works in the task of its reader: it reads from
 * that in a task of the flow, and only while the loop asks for an item. So the loop's `next()` can be cancelled
 * without cutting a predicate or a generator in two.
 */
export class HandOverStage<T> extends Stage<T, T> {
  constructor(iteration: Iteration, upstream: Pull<T>) {
    // Nobody asked for this stage by name, so nobody is told of it.
    super(iteration, upstream, "the end of a flow", new StageCounters("the end of a flow", undefined));
  }

  protected async feed(): Promise<void> {
    for (;;) {
      await this.gate.until("somebody who reads the flow", () => this.outlet.wanted);
      const next = await this.upstream.next();
      if (next.done === true) return;
      this.outlet.push(next.value);
    }
  }

  override next(): Promise<IteratorResult<T, undefined>> {
    const next = super.next();
    this.gate.look();
    return next;
  }

  protected taken(): void {}
}
