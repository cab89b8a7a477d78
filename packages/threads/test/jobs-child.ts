/** Jobs that behave, and jobs that do not. */
import { readFileSync } from "node:fs";
import { threadId } from "node:worker_threads";

export function double(value: number): number {
  return value * 2;
}

export async function greet(name: string): Promise<string> {
  await Promise.resolve();
  return `hello ${name}`;
}

export function thread(): number {
  return threadId;
}

/** Says through a shared counter that it has begun, and then never ends. */
export function spin(counter: Int32Array): never {
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
  for (;;) Atomics.add(counter, 1, 1);
}

/** Says through a shared counter that it has begun, and waits until another cell of it is set. */
export function hold(counter: Int32Array): string {
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
  Atomics.wait(counter, 1, 0);
  return "released";
}

/** Waits inside the operating system, where nothing reaches it: until somebody writes to a pipe. */
export function readPipe(path: string): string {
  return readFileSync(path, "utf8");
}

export function eatMemory(): number {
  const eaten: number[][] = [];
  for (;;) eaten.push(Array.from({ length: 10_000 }, (_, index) => index + eaten.length + 0.5));
}

export function exit(code: number): never {
  process.exit(code);
}

export function crashLater(): Promise<never> {
  setImmediate(() => {
    throw new Error("nobody catches this");
  });
  return new Promise<never>(() => {});
}

/** Returns at once, and leaves something behind that fails later. */
export function crashBehind(counter: Int32Array): void {
  setImmediate(() => {
    Atomics.add(counter, 0, 1);
    throw new Error("left behind");
  });
}

export class ParserError extends Error {
  override readonly name: string = "ParserError";
  readonly code: string = "BAD_INPUT";
  readonly line: number;

  constructor(message: string, line: number, options: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}

export function fail(line: number): never {
  throw new ParserError("unexpected end", line, { cause: new TypeError("not a string") });
}

export function throwValue(value: unknown): never {
  throw value;
}

export function returnFunction(): () => void {
  return () => {};
}

export function byteLength(bytes: Uint8Array): number {
  return bytes.byteLength;
}

export const version = "1";

export function two(first: number, second: number): number {
  return first + second;
}
