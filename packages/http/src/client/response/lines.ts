import { ResponseTooLargeError } from "../errors.ts";

/** Splits bytes into lines, at `\n` or `\r\n`. A last line without a line break counts. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  decoder: TextDecoder,
  maxLength: number,
  label: string,
): AsyncIterableIterator<string> {
  let rest = "";
  const checked = (line: string): string => {
    if (line.length <= maxLength) return line;
    throw new ResponseTooLargeError(`${label}: a line is longer than maxLength (${maxLength} characters)`, maxLength);
  };
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = checked(lines.pop() as string);
    for (const line of lines) yield checked(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
