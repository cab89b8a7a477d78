/**
 * The offsets at which the lines of `text` start, from `from` on, and at the end the length of the text, so that line
 * `n` is `text.slice(starts[n], starts[n + 1])`. A line ends with LF, CRLF or a lone CR, as Markdown has it.
 */
export function lineStarts(text: string, from: number): Uint32Array {
  const starts = new GrowingList(64 + ((text.length - from) >> 5));
  starts.push(from);
  let lineFeed = text.indexOf("\n", from);
  let carriageReturn = text.indexOf("\r", from);
  while (lineFeed !== -1 || carriageReturn !== -1) {
    const isReturn = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed);
    const end = isReturn ? (carriageReturn + 1 === lineFeed ? lineFeed : carriageReturn) : lineFeed;
    starts.push(end + 1);
    if (isReturn) carriageReturn = text.indexOf("\r", end + 1);
    if (end === lineFeed) lineFeed = text.indexOf("\n", end + 1);
  }
  if (starts.last !== text.length) starts.push(text.length);
  return starts.finish();
}

class GrowingList {
  last = 0;
  #numbers: Uint32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#numbers = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.#size === this.#numbers.length) {
      const larger = new Uint32Array(this.#size * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#size++] = value;
    this.last = value;
  }

  finish(): Uint32Array {
    return this.#numbers.subarray(0, this.#size);
  }
}
