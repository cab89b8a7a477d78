import type { StageName } from "../model/document.ts";
import type { StageProgress } from "./events.ts";

interface Counters {
  begun: number;
  done: number;
  refused: number;
  busy: number;
}

const order: readonly StageName[] = ["get", "parse", "chunk", "embed", "summarize", "extract", "save"];

/** The stage whose output each stage takes. Embed, summarise and extract work side by side on what chunk gives. */
const before: Readonly<Partial<Record<StageName, StageName>>> = {
  parse: "get",
  chunk: "parse",
  embed: "chunk",
  summarize: "chunk",
  extract: "chunk",
  save: "embed",
};

/** Counts what goes through the stages. */
export class StageMeter {
  private readonly counters: ReadonlyMap<StageName, Counters> = new Map(
    order.map((stage) => [stage, { begun: 0, done: 0, refused: 0, busy: 0 }]),
  );
  /** Documents that left the get stage and go no further, because they are in already. */
  private unchanged = 0;

  /** Runs one call of a stage and counts it. */
  async measure<T>(stage: StageName, call: () => Promise<T>): Promise<T> {
    const counters = this.of(stage);
    counters.begun += 1;
    const start = performance.now();
    try {
      return await call();
    } finally {
      counters.done += 1;
      counters.busy += performance.now() - start;
    }
  }

  refused(stage: StageName): void {
    this.of(stage).refused += 1;
  }

  skipUnchanged(): void {
    this.unchanged += 1;
  }

  progress(): readonly StageProgress[] {
    return order.map((stage) => {
      const { begun, done, refused, busy } = this.of(stage);
      return { stage, done, inFlight: begun - done, waiting: Math.max(0, this.arrived(stage) - begun), refused, busy };
    });
  }

  private arrived(stage: StageName): number {
    const previous = before[stage];
    if (previous === undefined) return this.of(stage).begun;
    const { done, refused } = this.of(previous);
    if (previous === "get") return done - refused - this.unchanged;
    // What embed's neighbours have refused does not come either.
    return done - refused - (stage === "save" ? this.of("summarize").refused + this.of("extract").refused : 0);
  }

  private of(stage: StageName): Counters {
    return this.counters.get(stage) as Counters;
  }
}
