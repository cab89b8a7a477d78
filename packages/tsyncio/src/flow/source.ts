import { currentScope } from "../kernel/context.ts";
import { end, item } from "../tasks/iterator-result.ts";
import { type AnyIterable, type OpenSource, openSource } from "../tasks/source.ts";
import type { Pull } from "./pull.ts";
import type { StageCounters } from "./stage-stats.ts";

/** Anything a {@link flow} can read: iterables, async iterables (Node streams are), and web streams. */
export type FlowSource<T> = AnyIterable<T>;

/**
 * The source of a running flow. It is opened at the first `next()`, and left exactly once: unless it has ended or
 * failed by itself.
 *
 *     unopened ──next()──▶ open ──its end, its failure, leave()──▶ over
 *         └──────────────── leave() ──────────────────────────────▲
 */
export class SourceReader<T> implements Pull<T> {
  private state: { phase: "unopened" } | { phase: "over" } | { phase: "open"; source: OpenSource<T> } = {
    phase: "unopened",
  };
  private readonly source: FlowSource<T>;
  private readonly what: string;
  private readonly counters: StageCounters | undefined;

  constructor(source: FlowSource<T>, what: string, counters?: StageCounters) {
    this.source = source;
    this.what = what;
    this.counters = counters;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.state.phase === "over") return end;
    const source = this.state.phase === "open" ? this.state.source : openSource(this.source, this.what);
    this.state = { phase: "open", source };
    let value: T;
    try {
      const answer = await source.iterator.next();
      if (answer.done === true) {
        this.state = { phase: "over" };
        return end;
      }
      value = answer.value;
    } catch (error) {
      // A source that threw has ended; one whose reader was cancelled has not, and is still to be left.
      if (!currentScope().isInForce(error)) this.state = { phase: "over" };
      throw error;
    }
    if (this.counters !== undefined) {
      this.counters.in += 1;
      this.counters.out += 1;
      this.counters.changed();
    }
    return item(value);
  }

  async leave(): Promise<void> {
    const { state } = this;
    this.state = { phase: "over" };
    if (state.phase === "open") await state.source.leave();
  }
}
