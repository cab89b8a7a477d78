/** One thing that a piece of code has left behind; found by {@link checkLeaks}. */
export interface Leak {
  readonly kind: "task" | "wait" | "callback" | "listener" | "handle";
  /** What it is, in words: `the task poller, which waits for sleep(1s)`. */
  readonly what: string;
  /** Where it was made, as lines of a stack, innermost first; undefined where that is not known. */
  readonly origin: string | undefined;
}

/**
 * Something was left behind. Thrown by `checkLeaks`; its message lists all leaks.
 *
 *     try {
 *       await checkLeaks(() => void createTask(() => sleepForever(), { name: "poller" }));
 *     } catch (error) {
 *       if (!(error instanceof LeakError)) throw error;
 *       console.log(error.leaks[0]?.what); // the task poller, which waits for sleepForever()
 *     }
 */
export class LeakError extends Error {
  override readonly name = "LeakError";
  /** What was left, in no particular order within a kind. */
  readonly leaks: readonly Leak[];

  /** @internal */
  constructor(leaks: readonly Leak[]) {
    const count = leaks.length === 1 ? "one thing was" : `${leaks.length} things were`;
    super(`checkLeaks: ${count} left behind\n${leaks.map(describeLeak).join("\n")}`);
    this.leaks = leaks;
  }
}

function describeLeak({ what, origin }: Leak): string {
  return origin === undefined ? `  ${what}` : `  ${what}\n${origin.replaceAll(/^/gm, "      ")}`;
}

const ownFolder = new URL(".", import.meta.url).href;
const framesKept = 3;

/** The caller's place in the program: the innermost lines of the stack that are neither Node's nor of this folder. */
export function callerOrigin(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = new Error("where").stack ?? "";
  Error.stackTraceLimit = limit;
  const frames = stack
    .split("\n")
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => !/\(?node:|<anonymous>/.test(line) && !line.includes(ownFolder));
  return frames.length === 0 ? undefined : frames.slice(0, framesKept).join("\n");
}
