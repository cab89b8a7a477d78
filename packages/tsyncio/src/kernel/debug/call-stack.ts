import { fileURLToPath } from "node:url";

/** One line of a call stack, as {@link captureCallGraph} and {@link snapshot} show them in debug mode. */
export interface StackFrame {
  /** The function's name; empty for one that has none. */
  readonly function: string;
  /** The path or address of the file; empty for what is built in, such as `Promise.all`. */
  readonly file: string;
  /** From 1 on; 0 where the file is empty. */
  readonly line: number;
  readonly column: number;
  /** Whether the function is suspended at an `await`, and not running. */
  readonly async: boolean;
}

/** How many frames are kept: those of tsyncio are among them, and are left out later. */
const depth = 40;

/**
 * Where the code was at some moment: the functions that ran, then the async functions that await them. Taking one is
 * much cheaper than reading it, so debug mode takes many and reads few. tsyncio's own frames are left out.
 */
export class CallStack {
  private readonly taken: { readonly stack?: string } = {};
  private read: readonly StackFrame[] | null = null;

  /**
   * Takes the stack of the caller, or of whoever called `above`. Until it is read it keeps alive on whose behalf each
   * function in it was called, such as the object that a constructor makes.
   */
  constructor(above: (() => unknown) | typeof CallStack = CallStack) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = depth;
    Error.captureStackTrace(this.taken, above);
    Error.stackTraceLimit = limit;
  }

  /** Innermost first. */
  get frames(): readonly StackFrame[] {
    return (this.read ??= parseStack(this.taken.stack ?? ""));
  }

  /** The innermost line, in words; undefined if all are tsyncio's own. */
  get site(): string | undefined {
    const frame = this.frames.find(({ file }) => file !== "");
    return frame === undefined ? undefined : describeFrame(frame);
  }
}

/** A frame as it stands in V8's own stacks: `load (/app/main.ts:3:9)`. */
export function describeFrame({ function: name, file, line, column }: StackFrame): string {
  const place = `${file}:${line}:${column}`;
  if (file === "") return name;
  return name === "" ? place : `${name} (${place})`;
}

const roots = sharedRoots();

/** The folders of all copies of tsyncio in this process, whose frames nobody wants to see. */
function sharedRoots(): Set<string> {
  const key = Symbol.for("tsyncio.roots.1");
  const holder = globalThis as { [key]?: Set<string> };
  const shared = (holder[key] ??= new Set());
  const own = import.meta.url;
  // In a bundle this is the bundle's address, and the frames around it are the program's.
  const inFolder = /\/kernel\/debug\/call-stack\.[jt]s$/.exec(own);
  if (inFolder !== null) shared.add(own.slice(0, inFolder.index + 1));
  return shared;
}

/** Node's own frames, and those of functions like `Array.map` that call back. */
const foreign = /(^|[ (])(node:|<anonymous>)/;

function parseStack(stack: string): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stack.split("\n")) {
    const text = /^\s+at (.*)$/.exec(line)?.[1];
    if (text === undefined || foreign.test(text) || [...roots].some((root) => text.includes(root))) continue;
    frames.push(parseFrame(text));
  }
  return frames;
}

/** `async load (file:///app/main.ts:3:9)`, `file:///app/main.ts:3:9` or `async Promise.all (index 0)`. */
function parseFrame(text: string): StackFrame {
  const async = text.startsWith("async ");
  const rest = async ? text.slice("async ".length) : text;
  const match = /^(?:(.*) \()?(.*):(\d+):(\d+)\)?$/.exec(rest);
  if (match === null) return { function: rest, file: "", line: 0, column: 0, async };
  const [, name = "", place = "", line, column] = match;
  const file = place.startsWith("file:") ? fileURLToPath(place) : place;
  return { function: name, file, line: Number(line), column: Number(column), async };
}
