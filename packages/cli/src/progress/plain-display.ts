import { displayPath } from "../display-path.ts";
import { eta, formatElapsed } from "./rates.ts";
import type { ProgressDisplay } from "./progress-display.ts";

/** A line now and then, for logs and pipes: where nothing can be redrawn. */
export function plainDisplay(): ProgressDisplay {
  const print = (line: string): void => void process.stderr.write(`${line}\n`);
  let lastFinished = 0;
  return {
    every: "2s",
    onEvent: (event) => {
      if (event.type === "start") print(`ingesting ${event.sources.join(", ")} into ${event.store}`);
      else if (event.type === "warning") print(`warning: ${event.message}`);
      else if (event.type === "document" && event.status === "refused") {
        print(`refused ${displayPath(event.source)} (${event.stage}): ${event.reason}`);
      } else if (event.type === "progress" && event.progress.finished !== lastFinished) {
        const { finished, listed, listedAll, elapsed } = event.progress;
        lastFinished = finished;
        print(
          `${finished} of ${listed}${listedAll ? "" : "+"} after ${formatElapsed(elapsed)}, ${eta(event.progress)}`,
        );
      }
    },
    close: () => {},
  };
}
