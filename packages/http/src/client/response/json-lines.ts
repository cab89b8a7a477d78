import { MalformedResponseError } from "../errors.ts";
import type { LineIterator } from "./lines.ts";

/** Parses each line as JSON; empty lines are left out. */
export class JsonLineIterator<T> implements AsyncIterableIterator<T>, AsyncDisposable {
  private readonly lines: LineIterator;
  private readonly label: string;
  private number = 0;

  constructor(lines: LineIterator, label: string) {
    this.lines = lines;
    this.label = label;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const result = await this.lines.next();
      if (result.done === true) return { done: true, value: undefined };
      this.number += 1;
      if (result.value.trim() === "") continue;
      return { done: false, value: await this.parse(result.value) };
    }
  }

  async return(): Promise<IteratorResult<T>> {
    await this.lines.return();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private async parse(line: string): Promise<T> {
    try {
      return JSON.parse(line) as T;
    } catch (error) {
      await this.return();
      const problem = `line ${this.number} is not JSON: ${(error as Error).message}`;
      throw new MalformedResponseError(`${this.label}: ${problem}`, error);
    }
  }
}
