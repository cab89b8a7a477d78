import { currentScope, runIn } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import { immediate } from "../kernel/suspend.ts";
import { HandOverStage } from "./hand-over-stage.ts";
import { Iteration, type Opening } from "./iteration.ts";
import { end } from "../tasks/iterator-result.ts";
import type { Pull } from "./pull.ts";
import { Stage } from "./stage.ts";

/**
 * The iterator of a {@link Flow}: an object and not a generator, because a generator queues `return()` behind a pending
 * `next()`, and because no scope may be held open across a `yield`.
 *
 *     unopened ──next()──▶ running ──return(), its end, its failure, its owner is cancelled──▶ closing ──▶ ended
 *         └──────────────────────────────── return() ────────────────────────────────────────────────────▲
 *
 * Its owner is the scope in which it was made, which for `for await` is that of the loop. The stages are cancelled
 * with the owner. A cancellation that reaches only the caller of `next()` cuts that call, and nothing else.
 */
export class FlowIterator<T> implements AsyncIterableIterator<T, undefined> {
  private readonly opening: Opening<T>;
  private readonly owner: Scope = currentScope();
  private state:
    | { readonly phase: "unopened" }
    | { readonly phase: "ended" }
    | { readonly phase: "running"; readonly iteration: Iteration; readonly tail: Pull<T> }
    | { readonly phase: "closing"; readonly iteration: Iteration; readonly closed: Promise<void> } = {
    phase: "unopened",
  };

  /** @internal */
  constructor(opening: Opening<T>) {
    this.opening = opening;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next item. Throws the failure of the flow, once, after everything in it has ended. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.state.phase === "unopened") {
      if (currentScope().cancelled) return immediate(() => end);
      this.open();
    }
    const { state } = this;
    if (state.phase === "ended" || state.phase === "unopened") return immediate(() => end);
    if (state.phase === "closing") return this.finish(state.iteration, state.closed);
    let next: IteratorResult<T, undefined>;
    try {
      next = await state.tail.next();
    } catch (error) {
      // Only this call was cancelled: the flow goes on, and what it lays down is kept for the next call.
      if (!state.iteration.scope.cancelled) throw error;
      await this.finish(state.iteration, this.close(state.iteration));
      throw error;
    }
    if (next.done !== true) return next;
    return this.finish(state.iteration, this.close(state.iteration));
  }

  /**
   * Leaves the flow: cancels what runs in it, leaves the source, and waits until all that has ended. Called by
   * `for await` on `break`, `return` and `throw`. Works at once also while a `next()` is pending, which then ends.
   */
  async return(): Promise<IteratorReturnResult<undefined>> {
    const { state } = this;
    if (state.phase === "unopened") this.state = { phase: "ended" };
    if (state.phase === "running") {
      state.iteration.scope.cancel("the loop over the flow was left");
      await this.finish(state.iteration, this.close(state.iteration));
    }
    if (state.phase === "closing") await state.closed;
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private open(): void {
    const owner = this.owner.ended ? this.owner.live : this.owner;
    if (owner.effective !== null) throw owner.effective;
    const iteration = new Iteration(owner, this.opening.onStats);
    const tail = runIn(iteration.scope, () => {
      const last = this.opening.open(iteration);
      return last instanceof Stage ? last : new HandOverStage(iteration, last).start();
    });
    this.state = { phase: "running", iteration, tail };
  }

  private close(iteration: Iteration): Promise<void> {
    if (this.state.phase === "closing") return this.state.closed;
    const closed = iteration.ended();
    this.state = { phase: "closing", iteration, closed };
    return closed;
  }

  /** Waits for the end; throws what the flow failed with, unless another call has thrown it. */
  private async finish(iteration: Iteration, closed: Promise<void>): Promise<IteratorReturnResult<undefined>> {
    await closed;
    this.state = { phase: "ended" };
    const failure = iteration.takeFailure();
    if (failure !== undefined) throw failure.error;
    if (iteration.scope.outer !== null) throw iteration.scope.outer;
    return end;
  }
}
