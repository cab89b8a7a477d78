import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type Extractor, ingest, openAICompatible, openStore, search } from "@tsyncio/ingest";
import { contentsOf } from "../pipeline/contents.ts";
import { memorySource, ownParts } from "../pipeline/parts.ts";
import { tree } from "../sources/tree.ts";
import { runChild } from "../store/child-process.ts";
import { type Behaviour, completion, embeddings, fail, type ModelServer, modelServer } from "./model-server.ts";

const corpus = { a: "a cab\na bed", b: "b\nc\nd", c: "a dab", d: "abba\nbaba\ncab" };

const facts = JSON.stringify({ topics: [], people: [], organisations: [], places: [], dates: [] });

/** A service that does everything right: its answers tell what was asked. */
const wellBehaved: Behaviour = ({ body }) => {
  if (body.input !== undefined) return embeddings(body.input);
  const asked = body.messages?.at(-1)?.content ?? "";
  return completion(body.response_format === undefined ? `About ${asked.split("\n").at(-1)}.` : facts);
};

/** All that the service was asked, one line an embedded text or a conversation. */
function asked({ requests }: ModelServer): string[] {
  return requests.flatMap(({ body }) => body.input ?? [JSON.stringify(body.messages)]);
}

function models(server: ModelServer): ReturnType<typeof openAICompatible> {
  return openAICompatible({ baseUrl: server.baseUrl, model: "m" });
}

test("documents go in with a service's vectors, summaries and facts, and are found by them", async () => {
  await using server = await modelServer(wellBehaved);
  await using store = await openStore("sqlite::memory:");
  const { parsers, chunker } = ownParts;
  const parts = models(server);
  const report = await ingest(memorySource("memory:", corpus), { store, parsers, chunker, ...parts });
  assert.deepEqual([report.documents, report.chunks, report.refused], [4, 9, []]);
  const [hit] = await search(store, "a bed", { ...parts, mode: "vector", k: 1 });
  assert.equal(hit?.source.startsWith("memory:/"), true);
});

test("what a service has answered is not asked again when a later stage changes", async () => {
  await using server = await modelServer(wellBehaved);
  await using store = await openStore("sqlite::memory:");
  const { parsers, chunker } = ownParts;
  const source = memorySource("memory:", corpus);
  await ingest(source, { store, parsers, chunker, ...models(server) });
  const before = server.requests.length;
  const other: Extractor = { fingerprint: "other/1", extract: async () => ({ other: true }) };
  const report = await ingest(source, { store, parsers, chunker, ...models(server), extractor: other });
  assert.deepEqual([report.documents, report.unchanged], [4, 0]);
  // One question asks how long the vectors are.
  assert.deepEqual(
    server.requests.slice(before).map(({ body }) => body.input),
    [["dimensions"]],
  );
  assert.equal(new Set(asked(server)).size, asked(server).length - 1);
});

test("a document that the model refuses is refused with what it said, and the others go in", async () => {
  const prude: Behaviour = (request, response, count) =>
    JSON.stringify(request.body.messages ?? "").includes("abba")
      ? { choices: [{ message: { content: null, refusal: "no Swedish pop" }, finish_reason: "stop" }] }
      : wellBehaved(request, response, count);
  await using server = await modelServer(prude);
  await using store = await openStore("sqlite::memory:");
  const { parsers, chunker } = ownParts;
  const report = await ingest(memorySource("memory:", corpus), { store, parsers, chunker, ...models(server) });
  assert.equal(report.documents, 3);
  assert.match(report.refused[0]?.reason ?? "", /the model refused: no Swedish pop/);
});

test("a wrong key ends the run with what the service said, and refuses no document", async () => {
  await using server = await modelServer((_, response) => fail(response, 401, { message: "Incorrect API key" }));
  await using store = await openStore("sqlite::memory:");
  const { parsers, chunker } = ownParts;
  const parts = openAICompatible({ baseUrl: server.baseUrl, model: "m", dimensions: 3 });
  await assert.rejects(
    () => ingest(memorySource("memory:", corpus), { store, parsers, chunker, ...parts }),
    /401: Incorrect API key; check the key/,
  );
  assert.deepEqual([(await store.status()).documents, await store.errors()], [0, []]);
});

test("a kill with requests in flight pays for nothing again that was kept, and the end is the same", async (t) => {
  const root = await tree(t, {});
  const count = 60;
  const slow: Behaviour = async (...request) => {
    await new Promise((resolve) => setTimeout(resolve, 3));
    return wellBehaved(...request);
  };
  const finish = async (path: string, server: ModelServer): Promise<void> => {
    const child = runChild("../models/ingesting-child.ts", [server.baseUrl, path, String(count)]);
    let last = "";
    for await (const line of child.lines) last = line;
    assert.equal(await child.ended(), 0, child.errors());
    const { documents, unchanged } = JSON.parse(last) as { documents: number; unchanged: number };
    assert.equal(documents + unchanged, count);
  };
  await using calm = await modelServer(slow);
  await finish(`${root}/undisturbed.db`, calm);
  const everything = asked(calm).toSorted();

  for (const killAt of [5, 40, 90]) {
    const path = `${root}/${killAt}.db`;
    const children: ReturnType<typeof runChild>[] = [];
    await using server = await modelServer((...request) => {
      if (request[2] === killAt) children[0]?.process.kill("SIGKILL");
      return slow(...request);
    });
    const child = runChild("../models/ingesting-child.ts", [server.baseUrl, path, String(count)]);
    children.push(child);
    assert.equal(await child.ended(), "SIGKILL", child.errors());
    const kept = keptAnswers(path);
    const paid = asked(server).length;
    await using after = await modelServer(slow);
    await finish(path, after);
    assert.equal(asked(after).length, everything.length - kept, `killed at request ${killAt}`);
    // What was in flight, or had arrived and was about to be written down.
    assert.ok(paid - kept <= 4 * 6 + 6, `${paid} were answered, ${kept} were kept`);
    assert.deepEqual(contentsOf(path), contentsOf(`${root}/undisturbed.db`));
  }
});

function keptAnswers(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const { count } = database.prepare("select count(*) as count from answers").get() as { count: number };
  database.close();
  return count;
}
