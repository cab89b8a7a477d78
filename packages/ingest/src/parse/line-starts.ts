const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * The offsets at which the lines of `text` start, from `from` on, and at the end the length of the text, so that line
 * `n` is `text.slice(starts[n], starts[n + 1])`. A line ends with LF, CRLF or a lone CR, as Markdown has it.
 */
export function lineStarts(text: string, from: number): Uint32Array {
  let starts = new Uint32Array(64 + ((text.length - from) >> 5));
  let count = 0;
  const push = (offset: number): void => {
    if (count === starts.length) {
      const larger = new Uint32Array(count * 2);
      larger.set(starts);
      starts = larger;
    }
    starts[count++] = offset;
  };
  push(from);
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== LINE_FEED && code !== CARRIAGE_RETURN) continue;
    if (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED) at++;
    push(at + 1);
  }
  if (starts[count - 1] !== text.length) push(text.length);
  return starts.subarray(0, count);
}
