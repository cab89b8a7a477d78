import type { IngestProgress } from "@tsyncio/ingest";
import { displayPath } from "../display-path.ts";
import type { ProgressDisplay } from "./progress-display.ts";
import { eta, formatElapsed } from "./rates.ts";
import { stageTable } from "./stage-table.ts";

/** How many refusals are shown as they come; all are counted, and `tsyncio errors` lists them. */
const mostRefusals = 10;

/** Some terminals do not say how wide they are. */
const widthOfUnknown = 79;

/** A line a stage, redrawn in place on a terminal. */
export function terminalDisplay(terminal: NodeJS.WriteStream): ProgressDisplay {
  let drawn = 0;
  let refusals = 0;
  const erase = (): void => {
    if (drawn > 0) terminal.write(`\u001B[${drawn}A\u001B[0J`);
    drawn = 0;
  };
  const printAbove = (line: string): void => {
    erase();
    terminal.write(`${line}\n`);
  };
  return {
    every: "100ms",
    onEvent: (event) => {
      if (event.type === "warning") printAbove(`warning: ${event.message}`);
      else if (event.type === "document" && event.status === "refused") {
        refusals += 1;
        if (refusals <= mostRefusals) {
          printAbove(`refused ${displayPath(event.source)} (${event.stage}): ${event.reason}`);
        }
      } else if (event.type === "progress") {
        erase();
        const width = terminal.columns > 1 ? terminal.columns - 1 : widthOfUnknown;
        const lines = draw(event.progress).map((line) => line.slice(0, width));
        terminal.write(`${lines.join("\n")}\n`);
        drawn = lines.length;
      }
    },
    close: erase,
  };
}

function draw(progress: IngestProgress): string[] {
  const { finished, listed, listedAll, elapsed } = progress;
  return [
    ...stageTable(progress.stages, elapsed),
    `${bar(listed === 0 ? 0 : finished / listed)} ${finished} of ${listed}${listedAll ? "" : "+"}  ` +
      `${formatElapsed(elapsed)}  ${eta(progress)}`,
  ];
}

function bar(share: number): string {
  const width = 24;
  const full = Math.round(Math.min(1, share) * width);
  return `[${"█".repeat(full)}${"░".repeat(width - full)}]`;
}
