import assert from "node:assert/strict";
import { test } from "node:test";
import type { IngestEvent } from "@tsyncio/ingest";
import { terminalDisplay } from "../../src/progress/terminal-display.ts";

/** A terminal that keeps its screen: understands "up N lines" and "erase below", which is all that is written. */
class Screen {
  columns = 60;
  private lines: string[] = [""];

  write(text: string): boolean {
    for (const piece of text.split("\u001B[")) {
      const up = /^(\d+)A$/.exec(piece)?.[1];
      if (up === undefined) this.print(piece.startsWith("0J") ? piece.slice(2) : piece);
      else this.lines.splice(-1 - Number(up), Infinity, "");
    }
    return true;
  }

  private print(text: string): void {
    const [rest = "", ...lines] = text.split("\n");
    this.lines[this.lines.length - 1] += rest;
    this.lines.push(...lines);
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
