import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Child {
  readonly process: ChildProcess;
  /** The lines of its standard output, as they come; ends with the process. */
  readonly lines: AsyncIterableIterator<string>;
  /** All that it wrote to its standard error so far. */
  errors(): string;
  /** Waits for its end, and answers the exit status, or the name of the signal that ended it. */
  ended(): Promise<number | string>;
}

/** Runs a file beside this one in a process of its own. */
export function runChild(file: string, args: readonly string[], options: { readonly uid?: number } = {}): Child {
  const script = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, ["--conditions=@tsyncio/source", script, ...args], {
    ...options,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const errors: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const exit = once(child, "close") as Promise<[number | null, string | null]>;
  return {
    process: child,
    lines: createInterface(child.stdout)[Symbol.asyncIterator](),
    errors: () => errors.join(""),
    ended: async () => {
      const [status, signal] = await exit;
      return status ?? signal ?? "";
    },
  };
}
