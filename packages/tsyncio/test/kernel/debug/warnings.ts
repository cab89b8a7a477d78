import { setImmediate } from "node:timers/promises";
import { run } from "tsyncio";

/** A process warning of tsyncio. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly detail: string;
}

/** Runs a main function, by default in debug mode, and resolves to tsyncio's warnings up to then. */
export async function warningsOf(main: () => unknown, debug = true): Promise<readonly Warning[]> {
  const warnings: Warning[] = [];
  const note = (warning: Error & Partial<Warning>): void => {
    const { name, code = "", message, detail = "" } = warning;
    if (name === "TsyncioWarning") warnings.push({ code, message, detail });
  };
  process.on("warning", note);
  try {
    await run(main, { debug, signals: [] });
    await setImmediate();
  } finally {
    process.off("warning", note);
  }
  return warnings;
}

/** Waits for the next warning of tsyncio. */
export function nextWarning(): Promise<Warning> {
  const { promise, resolve } = Promise.withResolvers<Warning>();
  process.once("warning", (warning) => resolve(warning as unknown as Warning));
  return promise;
}

/** Keeps the thread until the clock has moved on. */
export function blockFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Where a function of the calling file stands in a stack: its name, and some line of that file. */
export function at(name: string, file: string): RegExp {
  return new RegExp(`${name} \\(.*${file}:\\d+:\\d+\\)`);
}
