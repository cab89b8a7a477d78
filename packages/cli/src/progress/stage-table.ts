import type { StageProgress } from "@tsyncio/ingest";
import { formatElapsed, rate } from "./rates.ts";

/** The stages as a table of text: a heading, then a line a stage. */
export function stageTable(stages: readonly StageProgress[], elapsed: number): string[] {
  const rows = stages.map(({ stage, done, inFlight, waiting, refused, busy }) => [
    stage,
    String(done),
    String(inFlight),
    String(waiting),
    rate(done, elapsed),
    String(refused),
    formatElapsed(busy),
  ]);
  return alignColumns([["stage", "done", "in flight", "waiting", "rate", "errors", "time in it"], ...rows]);
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}
