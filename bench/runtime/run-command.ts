import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "./contenders.ts";

/** The longest that one measured process may take. */
export const limitMs = 60_000;

/**
 * Runs a program to its end, and returns what it printed and how long it took; null if it took more than a minute. It
 * runs what users install: without the condition that resolves the packages of this checkout to their sources.
 */
export async function runCommand({ program, args }: Command): Promise<{ output: string; elapsed: number } | null> {
  const { NODE_OPTIONS: _, TSYNCIO_DEBUG: __, ...env } = process.env;
  const start = performance.now();
  const child = spawn(program, args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { ...env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const closed = new Promise<[code: number | null, signal: string | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...ending) => resolve(ending));
  });
  const output = await child.stdout.setEncoding("utf8").toArray();
  const [code, signal] = await closed;
  const elapsed = performance.now() - start;
  if (signal === "SIGKILL" && elapsed >= limitMs) return null;
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${signal ?? `status ${code}`}`);
  return { output: output.join(""), elapsed };
}
