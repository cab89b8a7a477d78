/** The live counters of one stage of a running flow; see {@link FlowOptions}. */
export interface StageStats {
  /** What was given as `name`; else the name of the stage's function, or of the operator. */
  readonly name: string;
  /** Items that the stage has taken from the one before. */
  readonly in: number;
  /** Items that the next stage has taken from it. */
  readonly out: number;
  /** Calls that run. */
  readonly inFlight: number;
  /** Items that lie in the stage: results that wait for their turn or their reader, and what is being collected. */
  readonly waiting: number;
  /** Calls that have failed. */
  readonly failed: number;
}

/** Counts for one stage, and tells the listener of each change. */
export class StageCounters implements StageStats {
  readonly name: string;
  in = 0;
  out = 0;
  inFlight = 0;
  waiting = 0;
  failed = 0;
  private readonly listener: ((stats: StageStats) => void) | undefined;

  constructor(name: string, listener: ((stats: StageStats) => void) | undefined) {
    this.name = name;
    this.listener = listener;
    this.changed();
  }

  /** To be called once for each set of changes that belong together. */
  changed(): void {
    this.listener?.(this);
  }
}
