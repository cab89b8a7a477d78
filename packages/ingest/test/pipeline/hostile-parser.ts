/** A parser module that goes wrong for some documents; it runs in a worker thread. */
import type { ParsedDocument } from "@tsyncio/ingest";

export function parse(text: string): ParsedDocument {
  if (text.startsWith("hang")) for (;;);
  if (text.startsWith("eat")) {
    const eaten: number[][] = [];
    for (;;) eaten.push(Array.from({ length: 100_000 }, (_, index) => index + eaten.length));
  }
  if (text.startsWith("exit")) process.exit(7);
  return { title: undefined, text, blocks: [], links: [], metadata: {} };
}
