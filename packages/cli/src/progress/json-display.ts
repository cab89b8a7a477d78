import type { ProgressDisplay } from "./progress-display.ts";

/** An event a line, as JSON, on the standard output. */
export function jsonDisplay(): ProgressDisplay {
  return {
    every: "1s",
    onEvent: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    close: () => {},
  };
}
