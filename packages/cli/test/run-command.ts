import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

export const launcher: string = fileURLToPath(new URL("../../tsyncio/bin/tsyncio.js", import.meta.url));

/** Many short-lived processes: what one has compiled, the next ones load. */
const compiled = join(tmpdir(), "tsyncio-test-compiled");

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs as this user. */
  readonly uid?: number;
}

export interface Ended {
  /** The exit status, or the name of the signal that ended it. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Calls back for each whole line of the standard output, as it comes. */
  onLine(listener: (line: string) => void): void;
}

/** Starts the command `tsyncio` as a user would: through its launcher, in a process of its own. */
export function startCommand(args: readonly string[], { cwd, env = {}, uid }: CommandOptions = {}): Running {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const listeners: ((line: string) => void)[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) for (const listener of listeners) listener(line);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = (once(child, "close") as Promise<[number | null, string | null]>).then(([status, signal]) => ({
    status: status ?? signal ?? "",
    stdout,
    stderr,
  }));
  return { process: child, ended, onLine: (listener) => void listeners.push(listener) };
}

export function runCommand(args: readonly string[], options?: CommandOptions): Promise<Ended> {
  return startCommand(args, options).ended;
}

/** A folder for one test, with files in it. */
export async function folder(
  t: Pick<TestContext, "after">,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "tsyncio-cli-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** Several JSON values, one a line. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export const birds: Readonly<Record<string, string>> = {
  "docs/heron.md": "# Herons\n\nThe heron waits.\n\n## Food\n\nIt eats fish, at dusk mostly. Größe: 90–98 cm 🐟.\n",
  "docs/stork.md": "# Storks\n\nThe stork walks through meadows and eats frogs.\n",
  "docs/page.html": "<title>Cranes</title><h1>Cranes</h1><p>The crane dances.</p>",
  "docs/notes.txt": "A bittern booms in the reeds.\n",
};
