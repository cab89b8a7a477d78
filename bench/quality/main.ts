/**
 * How well search finds pages, on questions whose answers are known, beside plain BM25 on the same pages.
 *
 *     npm run bench -- quality [--json] [--dimensions N]
 *
 * The corpus of the npm package `ai` is always there. Two more are measured where Debian's packages are installed:
 * `apt-get install git-doc postgresql-doc-15`. Ends with status 1 if hybrid search does not beat BM25 on each corpus and
 * half: better in recall@1, not worse in recall@10. See `known-answers.ts` for how questions come about and are split.
 */
import { parseArgs, styleText } from "node:util";
import { aiDocs } from "./corpora/ai-docs.ts";
import { gitDoc, postgresqlDoc } from "./corpora/debian-docs.ts";
import type { Corpus, Split } from "./known-answers.ts";
import { measure, type Measures, rankOf } from "./measures.ts";
import { type Search, withSearches } from "./searches.ts";

interface Row extends Measures {
  readonly corpus: string;
  readonly pages: number;
  readonly split: Split;
  readonly questions: number;
  readonly method: string;
}

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: "boolean", default: false }, dimensions: { type: "string", default: "384" } },
  });
  const rows: Row[] = [];
  for (const open of [aiDocs, gitDoc, postgresqlDoc]) {
    const corpus = open();
    if (corpus === undefined) continue;
    rows.push(...(await withSearches(corpus, Number(values.dimensions), (searches) => rowsOf(corpus, searches))));
  }
  if (values.json) console.log(JSON.stringify(rows, undefined, 2));
  else printTable(rows);
  const lost = rows.filter((row) => row.method === "hybrid" && !beats(row, baselineOf(row, rows)));
  for (const { corpus, split } of lost) console.error(`${corpus}, ${split}: hybrid search is not better than BM25.`);
  if (lost.length > 0) process.exitCode = 1;
}

async function rowsOf(corpus: Corpus, searches: readonly Search[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const split of ["dev", "test"] as const) {
    const questions = corpus.questions.filter((question) => question.split === split);
    for (const { method, search } of searches) {
      const ranks: (number | undefined)[] = [];
      for (const { text, answer } of questions) ranks.push(rankOf(answer, await search(text)));
      const size = { pages: corpus.pages.length, questions: questions.length };
      rows.push({ corpus: corpus.name, ...size, split, method, ...measure(ranks) });
    }
  }
  return rows;
}

function baselineOf({ corpus, split }: Row, rows: readonly Row[]): Row | undefined {
  return rows.find((row) => row.corpus === corpus && row.split === split && row.method === "BM25");
}

/** Better where only the first hit counts, and not worse where the first ten do. */
function beats(row: Row, baseline: Row | undefined): boolean {
  return baseline !== undefined && row.recallAt1 > baseline.recallAt1 && row.recallAt10 >= baseline.recallAt10;
}

const COLUMNS: readonly (readonly [title: string, width: number, cell: (row: Row) => string])[] = [
  ["corpus", -18, (row) => row.corpus],
  ["pages", 6, (row) => String(row.pages)],
  ["split", -6, (row) => ` ${row.split}`],
  ["questions", 9, (row) => String(row.questions)],
  ["method", -8, (row) => ` ${row.method}`],
  ["recall@1", 9, (row) => percent(row.recallAt1)],
  ["recall@10", 10, (row) => percent(row.recallAt10)],
  ["MRR", 7, (row) => row.mrr.toFixed(3)],
];

function printTable(rows: readonly Row[]): void {
  console.log(
    styleText(
      "bold",
      COLUMNS.map(([title, width]) => pad(width < 0 ? ` ${title}`.trimStart() : title, width)).join(" "),
    ),
  );
  for (const row of rows) {
    const line = COLUMNS.map(([, width, cell]) => pad(cell(row), width)).join(" ");
    console.log(row.method === "hybrid" ? styleText("bold", line) : line);
  }
}

function pad(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

if (import.meta.main) await main(process.argv.slice(2));
