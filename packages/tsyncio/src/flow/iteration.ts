import { currentScope } from "../kernel/context.ts";
import type { Scope } from "../kernel/scope.ts";
import { BlockScope } from "../tasks/block-scope.ts";
import { Crew } from "../tasks/crew.ts";
import { combineFailures } from "../tasks/failures.ts";
import { shield } from "../tasks/shield.ts";
import type { Pull } from "./pull.ts";
import { StageCounters, type StageStats } from "./stage-stats.ts";

/** A part of an iteration that can be cancelled by itself: one stage with all its calls. */
export interface Section {
  readonly scope: BlockScope;
  readonly crew: Crew;
}

/** How a flow begins to run. */
export interface Opening<T> {
  readonly open: (iteration: Iteration) => Pull<T>;
  readonly onStats: ((stats: StageStats) => void) | undefined;
}

/**
 * One run of a flow from its beginning to its end: the scope in which all its stages work, and what went wrong.
 *
 *     open ──a failure, leaving early, a cancellation outside──▶ cancelled ──all tasks have ended──▶ ended
 *       └──────────────────── all tasks have ended ──────────────────────────────────────────────────▲
 *
 * Scopes below are the iteration's own and those of its stages. They are of the kind of a combinator's: what a mapped
 * call opens with `resource` belongs to the caller of the flow, as with `map`, because its result travels on.
 */
export class Iteration {
  readonly scope: BlockScope;
  private readonly sections: Section[] = [];
  private readonly helpers: Section;
  private readonly failures: unknown[] = [];
  private readonly onStats: ((stats: StageStats) => void) | undefined;

  constructor(parent: Scope, onStats: ((stats: StageStats) => void) | undefined) {
    this.scope = new BlockScope("combinator", "flow", parent);
    this.onStats = onStats === undefined ? undefined : (stats) => this.tell(onStats, stats);
    this.helpers = this.section("flow");
  }

  private tell(listener: (stats: StageStats) => void, stats: StageStats): void {
    try {
      listener(stats);
    } catch (error) {
      this.fail(error);
    }
  }

  counters(name: string): StageCounters {
    return new StageCounters(name, this.onStats);
  }

  /** Opens the scope of a stage. A failure of one of its tasks fails the whole flow. */
  section(name: string): Section {
    const scope = new BlockScope("combinator", name, this.scope);
    const crew = new Crew(scope, Number.POSITIVE_INFINITY, (task) => {
      task.retrieved = true;
      if (task.status === "failed") this.fail(task.payload);
    });
    const section: Section = { scope, crew };
    this.sections.push(section);
    return section;
  }

  /** Records a failure and cancels everything. The same error, seen on several ways, counts once. */
  fail(error: unknown): void {
    if (!this.failures.includes(error)) this.failures.push(error);
    this.scope.cancel("flow: it has failed");
  }

  /** Leaves a stage while the rest of the flow goes on. Does not wait. */
  leaveSoon(pull: Pull<unknown>): void {
    this.helpers.crew.add(() => shield(() => pull.leave()), "leaving a stage", true);
  }

  /**
   * Runs a body that reads from `pull`, and leaves that whatever happens. If both fail, both failures are recorded, in
   * their order.
   */
  async reading<R>(pull: Pull<unknown>, body: () => R | PromiseLike<R>): Promise<R> {
    try {
      return await body();
    } catch (error) {
      if (!currentScope().isInForce(error)) this.fail(error);
      throw error;
    } finally {
      await shield(() => pull.leave());
    }
  }

  /** Waits until every task has ended, whatever its outcome, and closes the scope. Not a cancellation point. */
  async ended(): Promise<void> {
    // One stage may start something in another while it unwinds.
    while (this.sections.some(({ crew }) => crew.size > 0)) {
      for (const { crew } of this.sections) await crew.ended("the stages of a flow");
    }
    for (const { scope } of this.sections) scope.end();
    this.scope.end();
  }

  /** What this iteration failed with. The failure is handed out once. */
  takeFailure(): { readonly error: unknown } | undefined {
    if (this.failures.length === 0) return undefined;
    return { error: combineFailures(this.failures.splice(0), "flow") };
  }
}
