/**
 * Documents made to be slow. Each is parsed and chunked in a worker at a size at which a parser that takes quadratic
 * time, or recurses, would not come back; a worker that has not answered by the (generous) deadline is ended, and the
 * test fails. Nothing here depends on how fast the machine is, only on the order of growth.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";

const DEADLINE = 60_000;

interface Answer {
  readonly length: number;
  readonly blocks: number;
  readonly chunks: number;
}

const workers = new Set<Worker>();
after(async () => {
  for (const worker of workers) await worker.terminate();
});

/** Parses and chunks `source`, an expression for the text, in a worker with half a gigabyte of heap. */
async function digest(mediaType: string, source: string): Promise<Answer> {
  const worker = new Worker(new URL("./digest-worker.ts", import.meta.url), {
    workerData: { mediaType, source },
    resourceLimits: { maxOldGenerationSizeMb: 768 },
    execArgv: ["--conditions=@tsyncio/source"],
  });
  workers.add(worker);
  const signal = AbortSignal.timeout(DEADLINE);
  try {
    const [answer] = (await once(worker, "message", { signal })) as [Answer];
    return answer;
  } finally {
    workers.delete(worker);
    await worker.terminate();
  }
}

const markdown: Record<string, string> = {
  "brackets that never close": '"[".repeat(1e6)',
  "brackets that close and are no links": '"[".repeat(5e5) + "]".repeat(5e5)',
  "links in links": '"[".repeat(3e5) + "x" + "](y)".repeat(3e5)',
  "brackets around a reference": '"[a]: b\\n\\n" + "[".repeat(3e5) + "a" + "]".repeat(3e5)',
  "destinations that never end": '"[a](b".repeat(3e5)',
  "emphasis that never closes": '"*a **b _c ".repeat(2e5)',
  "backticks in runs of every length": 'Array.from({ length: 1500 }, (_, i) => "e" + "`".repeat(i)).join("")',
  "quotes in quotes": '">".repeat(1e6) + "x"',
  "lists in lists": '"- ".repeat(5e5) + "x"',
  "a paragraph under deep quotes": '">".repeat(100) + "a\\n" + "b\\n".repeat(2e4)',
  "a table with many columns": '"a|".repeat(1e5) + "\\n" + "-|".repeat(1e5) + "\\n" + "b|".repeat(1e5)',
  "short rows under many columns": '"a|".repeat(5e4) + "\\n" + "-|".repeat(5e4) + "\\n" + "b\\n".repeat(5e4)',
  "a huge line": '"word ".repeat(2e6)',
  "a huge word": '"x".repeat(1e7)',
  "unclosed HTML comments": '"- <!--\\n".repeat(5e4)',
  "an HTML tag without end": '"<a " + "b ".repeat(1e6)',
  "reference titles that never close": `"[a]: x\\n'b\\n".repeat(1e5)`,
  "front matter that nests": '"---\\n" + "[".repeat(6e4) + "\\n---\\n"',
};

for (const [name, source] of Object.entries(markdown)) {
  test(`Markdown made of ${name} is read in linear time`, async () => {
    const answer = await digest("text/mdx", source);
    assert.ok(answer.length > 10_000 && answer.blocks > 0 && answer.chunks > 0);
  });
}

const html: Record<string, string> = {
  "elements nested 10,000 deep": '"<div>".repeat(1e4) + "x" + "</div>".repeat(1e4)',
  "a million unclosed tags": '"<b>x".repeat(1e6)',
  "end tags without a start under deep nesting": '"<div>".repeat(2e5) + "x" + "</i></p></b>".repeat(2e5)',
  "lists nested 100,000 deep": '"<ul><li>x".repeat(1e5)',
  "tables nested 100,000 deep": '"<table><tr><td>x".repeat(1e5)',
  "articles nested 100,000 deep": '"<article>x".repeat(1e5)',
  "a row of cells with headings in the last": '"<table><tr>" + "<td>x".repeat(5e4) + "<h2>y</h2>".repeat(5e4)',
  "a million entities": '"&amp;".repeat(1e6)',
  "a million left angles": '"x" + "<".repeat(1e6)',
};

for (const [name, source] of Object.entries(html)) {
  test(`HTML made of ${name} is read in linear time and without recursion`, async () => {
    const answer = await digest("text/html", source);
    assert.ok(answer.length > 0 && answer.chunks > 0);
  });
}

test("a plain text of 200 MB is read and chunked within a bounded heap", async () => {
  const line = "The quick brown fox jumps over the lazy dog, line after line.\\n";
  const answer = await digest(
    "text/plain",
    `Buffer.alloc(200e6, ${JSON.stringify(line).replaceAll("\\\\", "\\")}.repeat(5) + "\\n")`,
  );
  assert.equal(answer.length, 200_000_000);
  assert.ok(answer.chunks > 100_000);
});
