import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { before, after, test } from "node:test";
import { birds, folder, jsonLines, runCommand } from "./run-command.ts";

let root = "";
const cleanUps: (() => unknown)[] = [];

before(async () => {
  root = await folder({ after: (fn) => void cleanUps.push(fn as () => unknown) }, birds);
  const { status, stderr } = await runCommand(["ingest", "docs"], { cwd: root });
  assert.equal(status, 0, stderr);
});

after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

interface Hit {
  readonly source: string;
  readonly title: string;
  readonly headings: readonly string[];
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

async function searchJson(...args: string[]): Promise<{ query: string; mode: string; hits: Hit[] }> {
  const { status, stdout, stderr } = await runCommand(["search", ...args, "--json"], { cwd: root });
  assert.deepEqual([status, stderr], [0, ""]);
  const [answer, ...more] = jsonLines(stdout);
  assert.deepEqual(more, []);
  return answer as unknown as { query: string; mode: string; hits: Hit[] };
}

test("search --json answers the query, the mode and the hits, best first, whose text is a slice of the file", async () => {
  const { query, mode, hits, ...more } = await searchJson("fish", "at dusk");
  assert.deepEqual({ query, mode, more }, { query: "fish at dusk", mode: "hybrid", more: {} });
  const [best] = hits;
  assert.ok(best !== undefined);
  assert.deepEqual(Object.keys(best), ["source", "title", "headings", "text", "start", "end", "score"]);
  assert.deepEqual([best.source, best.title], [`${root}/docs/heron.md`, "Herons"]);
  assert.ok(Array.isArray(best.headings));
  for (const hit of hits.filter(({ source }) => source.endsWith(".md") || source.endsWith(".txt"))) {
    const file = await readFile(hit.source, "utf8");
    assert.equal(file.slice(hit.start, hit.end), hit.text);
  }
  assert.deepEqual(
    hits.map(({ score }) => score),
    hits.map(({ score }) => score).toSorted((a, b) => b - a),
  );
});

test("search finds by words, by vectors and by both, at most -k hits, of the sources that match", async () => {
  for (const mode of ["hybrid", "vector", "text"]) {
    const answer = await searchJson("heron", "--mode", mode, "-k", "1");
    assert.deepEqual([answer.mode, answer.hits.length, answer.hits[0]?.title], [mode, 1, "Herons"]);
  }
  const { hits } = await searchJson("eats", "--source", `${root}/docs/st*`);
  assert.deepEqual(
    hits.map(({ title }) => title),
    ["Storks"],
  );
});

test("any text is a query", async () => {
  for (const query of ['" AND ( -x * a:b', "'; drop table chunks; -- 🐟", " "]) {
    const { status, stderr } = await runCommand(["search", "--json", "--", query], { cwd: root });
    assert.deepEqual([status, stderr], [0, ""], query);
  }
});

test("search for people shows where each hit is, and says when there is none", async () => {
  const found = await runCommand(["search", "stork"], { cwd: root });
  assert.match(found.stdout, /^1\. Storks\n {3}docs\/stork\.md {2}score 0\.\d+\n {3}/);
  const nothing = await runCommand(["search", "zzyzx", "--mode", "text"], { cwd: root });
  assert.deepEqual([nothing.status, nothing.stdout], [0, "Nothing found.\n"]);
});

test("ask answers with the documents' own sentences and their numbered sources, labelled extractive", async () => {
  const answered = await runCommand(["ask", "what", "does the heron eat?"], { cwd: root });
  assert.equal(answered.status, 0, answered.stderr);
  assert.match(answered.stdout, /It eats fish, at dusk mostly\. \[1\]/);
  assert.match(answered.stdout, /^extractive: /m);
  assert.match(answered.stdout, /^\[1\] docs\/heron\.md {2}Herons/m);
  const json = await runCommand(["ask", "what does the heron eat?", "--json"], { cwd: root });
  const answer = JSON.parse(json.stdout) as {
    question: string;
    kind: string;
    text: string;
    sources: { number: number }[];
  };
  assert.deepEqual([answer.question, answer.kind], ["what does the heron eat?", "extractive"]);
  assert.equal(answer.sources[0]?.number, 1);
});

test("status --json counts what is in, in numbers", async () => {
  const { status, stdout } = await runCommand(["status", "--json"], { cwd: root });
  assert.equal(status, 0);
  const { documents, chunks, refused, bytes, store, fingerprint } = JSON.parse(stdout) as Record<string, unknown>;
  const size = Object.values(birds).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  assert.deepEqual(
    { documents, chunks, refused, bytes, store },
    { documents: 4, chunks: 4, refused: 0, bytes: size, store: `sqlite:${root}/.tsyncio/index.db` },
  );
  assert.match(String(fingerprint), /^[0-9a-f]{16}$/);
  const people = await runCommand(["status"], { cwd: root });
  assert.match(people.stdout, /^documents +4$/m);
});

test("errors --json is an object with the refused documents", async () => {
  const { status, stdout } = await runCommand(["errors", "--json"], { cwd: root });
  assert.deepEqual([status, stdout], [0, '{"refused":[]}\n']);
});

test("reindex builds the indexes again, and the answers stay the same", async () => {
  const before = await searchJson("heron");
  const { status, stdout } = await runCommand(["reindex"], { cwd: root });
  assert.deepEqual([status, stdout], [0, "Indexed 4 chunks.\n"]);
  assert.deepEqual(await searchJson("heron"), before);
});

for (const command of [["search", "x"], ["ask", "x"], ["status"], ["errors"], ["reindex"]]) {
  test(`${command[0]} in a store that is not there says how to make one, and makes none`, async (t) => {
    const empty = await folder(t);
    const store = command[0] === "search" ? "sqlite:an other.db" : "deep/index.db";
    const { status, stdout, stderr } = await runCommand([...command, "--store", store], { cwd: empty });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(
      stderr,
      /^tsyncio: there is no store at .*: tsyncio ingest FOLDER --store ('sqlite:an other.db'|deep\/index.db) makes it\n$/,
    );
    assert.deepEqual(await readdir(empty), []);
  });
}

test("TSYNCIO_STORE names the store where --store does not", async () => {
  const options = { env: { TSYNCIO_STORE: `${root}/.tsyncio/index.db` } };
  const { stdout } = await runCommand(["status", "--json"], options);
  assert.equal((JSON.parse(stdout) as { documents: number }).documents, 4);
});
