import { formatBytes } from "../format-bytes.ts";
import { formatElapsed } from "../progress/rates.ts";
import { style } from "../style.ts";
import type { Fetched, FetchProgress } from "./fetch-url.ts";

/** Shows how the URLs come in. */
export interface FetchDisplay {
  progress(index: number, progress: FetchProgress): void;
  finished(index: number, fetched: Fetched): void;
  end(results: readonly Fetched[]): void;
  close(): void;
}

/** JSON lines; or a line a URL, redrawn in place on a terminal and printed when it is done elsewhere. */
export function fetchDisplay(json: boolean, urls: readonly string[]): FetchDisplay {
  if (json) return jsonDisplay();
  return process.stdout.isTTY ? terminalDisplay(process.stdout, urls) : plainDisplay();
}

function jsonDisplay(): FetchDisplay {
  const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    progress: () => {},
    finished: (_, fetched) => print({ type: "response", ...fetched }),
    end: (results) => print({ type: "done", ...totals(results) }),
    close: () => {},
  };
}

function plainDisplay(): FetchDisplay {
  return {
    progress: () => {},
    finished: (_, fetched) => void process.stdout.write(`${line(fetched)}\n`),
    end: (results) => void process.stdout.write(`${summary(results)}\n`),
    close: () => {},
  };
}

function terminalDisplay(terminal: NodeJS.WriteStream, urls: readonly string[]): FetchDisplay {
  const lines = urls.map((url) => `${style("dim", "waiting".padEnd(8))} ${url}`);
  let drawnAt = 0;
  let drawn = 0;
  const draw = (): void => {
    const shown = lines.slice(-(terminal.rows - 2)).map((text) => fit(text, terminal.columns));
    terminal.write(`${drawn > 0 ? `\u001B[${drawn}A\u001B[0J` : ""}${shown.join("\n")}\n`);
    drawn = shown.length;
    drawnAt = performance.now();
  };
  return {
    progress: (index, { status, bytes }) => {
      lines[index] =
        `${style("yellow", String(status).padEnd(8))} ${formatBytes(bytes).padStart(10)} … ${urls[index] ?? ""}`;
      if (performance.now() - drawnAt > 100) draw();
    },
    finished: (index, fetched) => {
      lines[index] = line(fetched);
      draw();
    },
    end: (results) => void terminal.write(`${summary(results)}\n`),
    close: () => {},
  };
}

function line(fetched: Fetched): string {
  if ("error" in fetched) return `${style("red", "failed".padEnd(8))} ${fetched.url}: ${fetched.error}`;
  const { ok, status, bytes, elapsed, url, file } = fetched;
  const saved = file === undefined ? "" : ` → ${file}`;
  const code = style(ok ? "green" : "red", String(status).padEnd(8));
  return `${code} ${formatBytes(bytes).padStart(10)} ${formatElapsed(elapsed).padStart(9)}  ${url}${saved}`;
}

function totals(results: readonly Fetched[]): { readonly fetched: number; readonly failed: number } {
  const fetched = results.filter(({ ok }) => ok).length;
  return { fetched, failed: results.length - fetched };
}

function summary(results: readonly Fetched[]): string {
  const { fetched, failed } = totals(results);
  return `${fetched} fetched, ${failed} failed`;
}

/** Cuts a line to the terminal's width; escape sequences take no room, so a styled line may be cut a little late. */
function fit(text: string, columns: number): string {
  return text.length <= columns + 10 ? text : `${text.slice(0, columns + 9)}…`;
}
