import assert from "node:assert/strict";
import { test } from "node:test";
import type { IngestEvent } from "@tsyncio/ingest";
import { terminalDisplay } from "../../src/progress/terminal-display.ts";

/** A terminal that keeps its screen: understands "up N lines" and "erase below", which is all that is written. */
class Screen {
  columns = 60;
  private lines: string[] = [""];
  written = "";

  write(text: string): boolean {
    this.written += text;
    for (const [part] of text.matchAll(/\u001B\[\d+A|\u001B\[0J|\n|[^\u001B\n]+/g)) {
      if (part.endsWith("A")) this.lines.splice(-1 - Number.parseInt(part.slice(2), 10));
      else if (part === "\n") this.lines.push("");
      else if (part !== "\u001B[0J") this.lines[this.lines.length - 1] += part;
      if (part.endsWith("A")) this.lines.push("");
    }
    return true;
  }

  shown(): string[] {
    return this.lines.slice(0, -1);
  }
}

function progress(finished: number): IngestEvent {
  const stage = { stage: "get", done: finished, inFlight: 1, waiting: 2, refused: 0, busy: 1234 } as const;
  return {
    type: "progress",
    progress: { elapsed: 2000, listed: 10, listedAll: true, finished, stages: [stage] },
  };
}

function displayOn(screen: Screen): ReturnType<typeof terminalDisplay> {
  return terminalDisplay(screen as unknown as NodeJS.WriteStream);
}

test("progress is redrawn in place, cut to the terminal's width, and gone when the display is closed", () => {
  const screen = new Screen();
  const display = displayOn(screen);
  display.onEvent(progress(1));
  display.onEvent(progress(5));
  assert.deepEqual(screen.shown(), [
    "stage  done  in flight  waiting   rate  errors  time in it",
    "get       5          1        2  2.5/s       0       1.2 s",
    "[████████████░░░░░░░░░░░░] 5 of 10  2.0 s  ETA 2.0 s (est.)",
  ]);
  assert.ok(screen.shown().every((line) => line.length < screen.columns));
  display.close();
  assert.deepEqual(screen.shown(), []);
  display.close();
  assert.deepEqual(screen.shown(), []);
});

test("refusals and warnings stay above the progress; of many refusals the first ten", () => {
  const screen = new Screen();
  const display = displayOn(screen);
  display.onEvent(progress(1));
  display.onEvent({ type: "warning", message: "take care" });
  for (let n = 0; n < 12; n++) {
    display.onEvent({ type: "document", status: "refused", source: `/docs/${n}`, stage: "get", reason: "broken" });
  }
  display.onEvent(progress(2));
  assert.deepEqual(screen.shown().slice(0, 2), ["warning: take care", "refused /docs/0 (get): broken"]);
  assert.equal(screen.shown().filter((line) => line.startsWith("refused")).length, 10);
  assert.match(screen.shown().at(-1) ?? "", /^\[.*2 of 10/);
});

test("a terminal that does not say how wide it is gets lines for the usual width", () => {
  const screen = new Screen();
  screen.columns = 0;
  displayOn(screen).onEvent(progress(5));
  assert.match(screen.shown().at(-1) ?? "", /\(est\.\)$/);
});
