import type { Refusal, StageName } from "../model/document.ts";

/** How one stage is doing. */
export interface StageProgress {
  readonly stage: StageName;
  /** Documents that have left the stage, the refused ones included. */
  readonly done: number;
  readonly inFlight: number;
  /** Documents that the stage before has finished and this one has not begun. */
  readonly waiting: number;
  /** Documents that this stage refused. */
  readonly refused: number;
  /** Time that calls of this stage took, added up, in milliseconds; calls overlap, so it may exceed the elapsed time. */
  readonly busy: number;
}

/** How the whole is doing. */
export interface IngestProgress {
  /** In milliseconds, since the beginning. */
  readonly elapsed: number;
  /** Documents that the sources have named so far. */
  readonly listed: number;
  /** Whether the sources have named all of them. */
  readonly listedAll: boolean;
  /** Documents that are through: in, unchanged or refused. */
  readonly finished: number;
  readonly stages: readonly StageProgress[];
}

/** What happened, for progress displays and logs. All times are in milliseconds. */
export type IngestEvent =
  | {
      readonly type: "start";
      readonly store: string;
      readonly sources: readonly string[];
      readonly fingerprint: string;
    }
  | { readonly type: "document"; readonly status: "in"; readonly source: string; readonly chunks: number }
  | { readonly type: "document"; readonly status: "unchanged"; readonly source: string }
  | {
      readonly type: "document";
      readonly status: "refused";
      readonly source: string;
      readonly stage: StageName;
      readonly reason: string;
    }
  | { readonly type: "progress"; readonly progress: IngestProgress }
  | { readonly type: "pruned"; readonly source: string }
  | { readonly type: "warning"; readonly message: string }
  | ({ readonly type: "done" } & IngestReport);

/** What an ingest did. */
export interface IngestReport {
  /** Documents that went in. */
  readonly documents: number;
  /** Documents that were in already, made of the same bytes by the same configuration. */
  readonly unchanged: number;
  readonly refused: readonly Refusal[];
  /** Sources of the documents that were removed, because they vanished from where they came from. */
  readonly pruned: readonly string[];
  /** Passages that went in. */
  readonly chunks: number;
  /** In milliseconds. */
  readonly elapsed: number;
  readonly stages: readonly StageProgress[];
  /** The longest time for which the main thread's loop did not turn, in milliseconds. */
  readonly largestLoopGap: number;
}
