import { ResponseTooLargeError } from "../errors.ts";

type Body = AsyncIterableIterator<Uint8Array> & AsyncDisposable;

/**
 * Splits bytes into lines, at `\n` or `\r\n`. A last line without a line break counts. A `next()` that is cancelled
 * loses nothing: what has come so far is kept for the following one.
 */
export class LineIterator implements AsyncIterableIterator<string>, AsyncDisposable {
  private readonly body: Body;
  private readonly decoder: TextDecoder;
  private readonly maxLength: number;
  private readonly label: string;
  /** Whole lines that nobody has taken yet, and how many of them have been taken. */
  private lines: string[] = [];
  private taken = 0;
  private rest = "";
  private done = false;

  constructor(body: Body, decoder: TextDecoder, maxLength: number, label: string) {
    this.body = body;
    this.decoder = decoder;
    this.maxLength = maxLength;
    this.label = label;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    for (;;) {
      if (this.taken < this.lines.length) return { done: false, value: await this.take() };
      if (this.done) return { done: true, value: undefined };
      const result = await this.body.next();
      if (result.done === true) this.finish();
      else this.split(this.decoder.decode(result.value, { stream: true }));
      // What is still incomplete counts: a line that never ends must not fill the memory.
      if (this.taken === this.lines.length) await this.check(this.rest);
    }
  }

  async return(): Promise<IteratorResult<string>> {
    this.done = true;
    this.lines = [];
    await this.body.return?.();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private async take(): Promise<string> {
    const line = this.lines[this.taken] as string;
    this.taken += 1;
    await this.check(line);
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  private split(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() as string;
    this.lines = lines;
    this.taken = 0;
  }

  private finish(): void {
    this.done = true;
    this.split(this.decoder.decode());
    if (this.rest !== "") this.lines.push(this.rest);
    this.rest = "";
  }

  private async check(line: string): Promise<void> {
    if (line.length <= this.maxLength) return;
    await this.return();
    throw new ResponseTooLargeError(
      `${this.label}: a line is longer than maxLength (${this.maxLength} characters)`,
      this.maxLength,
    );
  }
}
