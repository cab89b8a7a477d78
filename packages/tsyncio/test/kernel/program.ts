import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How a program ended. `status` is 128 + the signal's number for one that a signal ended, as in a shell. */
export interface Ending {
  readonly status: number;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** A program in a process of its own, which its test can follow line by line. */
export interface Program {
  readonly child: ChildProcess;
  /** Waits until the program has printed this line. Rejects if it ends before. */
  printed(line: string): Promise<void>;
  readonly ended: Promise<Ending>;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program that hangs is killed after so many milliseconds, so that its test fails instead of waiting for ever. */
  readonly lifetime?: number;
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

const signalNumbers: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

const defaultLifetime = 20_000;

function writeProgram(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tsyncio-program-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(packageFolder, join(folder, "node_modules", "tsyncio"));
  writeFileSync(join(folder, "program.mjs"), source);
  return folder;
}

/** Starts a program (an ES module that imports from "tsyncio"). */
export function startProgram(
  source: string,
  { flags = [], env = {}, lifetime = defaultLifetime }: ProgramOptions = {},
): Program {
  const folder = writeProgram(source);
  const child = spawn(process.execPath, ["--conditions=@tsyncio/source", ...flags, join(folder, "program.mjs")], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    timeout: lifetime,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const watchers = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    lines.push(line);
    for (const watcher of watchers) watcher();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const ended = once(child, "close").then(([code, signal]: unknown[]): Ending => {
    rmSync(folder, { recursive: true });
    const status = typeof code === "number" ? code : 128 + (signalNumbers[String(signal)] ?? 0);
    return { status, lines, errors: errors.join("") };
  });
  return { child, ended, printed: (line) => untilPrinted(line, lines, watchers, ended) };
}

async function untilPrinted(
  line: string,
  lines: readonly string[],
  watchers: Set<() => void>,
  ended: Promise<Ending>,
): Promise<void> {
  const found = Promise.withResolvers<void>();
  const look = (): void => {
    if (lines.includes(line)) found.resolve();
  };
  watchers.add(look);
  look();
  const early = ended.then(({ errors }) => {
    if (!lines.includes(line)) throw new Error(`the program ended without printing ${line}: ${lines.join()} ${errors}`);
  });
  await Promise.race([found.promise, early]);
  watchers.delete(look);
}

/** Runs a program to its end. */
export function runProgram(source: string, options?: ProgramOptions): Promise<Ending> {
  return startProgram(source, options).ended;
}
