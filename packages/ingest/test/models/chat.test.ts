import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ask,
  ingest,
  openAICompatible,
  type OpenAICompatibleOptions,
  openStore,
  type StandardSchema,
} from "@tsyncio/ingest";
import { moveOnAfter } from "tsyncio";
import type { ParsedDocument } from "../../src/model/document.ts";
import { memorySource, ownParts } from "../pipeline/parts.ts";
import { type Behaviour, completion, fail, modelServer, type ModelServer } from "./model-server.ts";

const document: ParsedDocument = {
  title: "Cranes",
  text: "A crane is a bird. It is grey. Ada saw one.",
  blocks: [],
  links: [],
  metadata: {},
};

const models = (server: ModelServer, options: Partial<OpenAICompatibleOptions> = {}) =>
  openAICompatible({ baseUrl: server.baseUrl, chatModel: "m", ...options });

const last = ({ requests }: ModelServer): string => requests.at(-1)?.body.messages?.at(-1)?.content ?? "";

/** A schema of one name, in the form that libraries give theirs. */
const birdSchema: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof (value as { bird?: unknown }).bird === "string"
        ? { value }
        : { issues: [{ message: "expected a string", path: ["bird"] }] },
    jsonSchema: { input: () => ({ type: "object", properties: { bird: { type: "string" } }, required: ["bird"] }) },
  },
};

test("a summary is what the model says of the title and the text", async () => {
  await using server = await modelServer(() => completion("  About cranes.\n"));
  assert.equal(await models(server).summarizer.summarize(document), "About cranes.");
  assert.equal(server.requests[0]?.path, "/v1/chat/completions");
  assert.equal(last(server), `Title: Cranes\n\n${document.text}`);
});

test("a document that is too long for the model is summarised in parts, and then their summaries", async () => {
  await using server = await modelServer(({ body }) => completion(`Part of ${body.messages?.at(-1)?.content.length}.`));
  const text = "Every sentence is of this length. ".repeat(400);
  const { summarizer } = models(server, { limits: { contextTokens: 1_500 } });
  await summarizer.summarize({ ...document, text });
  assert.equal(server.requests.length, 8);
  const parts = server.requests
    .slice(0, 7)
    .map(({ body }) => body.messages?.at(-1)?.content.replace("Title: Cranes\n\n", ""));
  assert.equal(parts.toSorted((a = "", b = "") => text.indexOf(a) - text.indexOf(b)).length, 7);
  assert.equal(
    parts.reduce((sum, part = "") => sum + part.length, 0),
    text.length,
  );
  assert.match(last(server), /^Title: Cranes\n\nPart of/);
});

test("of a summary that was cut off the whole sentences stay, and without one it is an error", async () => {
  await using cut = await modelServer(() => completion("It is grey. It is a bi", { finish_reason: "length" }));
  assert.equal(await models(cut).summarizer.summarize(document), "It is grey.");
  await using short = await modelServer(() => completion("It is a bi", { finish_reason: "length" }));
  await assert.rejects(async () => models(short).summarizer.summarize(document), /cut off.*maxTokens allows more/);
});

test("a refusal, a filter and an empty answer are errors of the document", async () => {
  const answers: readonly (readonly [object, RegExp])[] = [
    [{ choices: [{ message: { content: null, refusal: "I cannot" }, finish_reason: "stop" }] }, /refused: I cannot/],
    [completion("half", { finish_reason: "content_filter" }), /refused: its content filter/],
    [completion(" "), /m gave an empty answer/],
    [{ choices: [] }, /m gave an empty answer/],
  ];
  for (const [answer, message] of answers) {
    await using server = await modelServer(() => answer);
    await assert.rejects(async () => models(server).summarizer.summarize(document), message);
    assert.equal(server.requests.length, 1);
  }
});

test("facts fit the schema, which is sent with the request", async () => {
  await using server = await modelServer(() => completion('```json\n{"bird":"crane"}\n```'));
  assert.deepEqual(await models(server, { schema: birdSchema }).extractor.extract(document), { bird: "crane" });
  assert.equal(server.requests[0]?.body.response_format?.type, "json_schema");
  assert.match(server.requests[0]?.body.messages?.[0]?.content ?? "", /"required":\["bird"\]/);
});

for (const [what, first] of [
  ["no JSON", completion("It is a crane.")],
  ["other facts", completion('{"bird":7}')],
  ["half an answer", completion('{"bird":"cra', { finish_reason: "length" })],
] as const) {
  test(`${what} is sent back once with the complaint`, async () => {
    await using server = await modelServer((_, __, count) => (count === 1 ? first : completion('{"bird":"crane"}')));
    assert.deepEqual(await models(server, { schema: birdSchema }).extractor.extract(document), { bird: "crane" });
    assert.equal(server.requests.length, 2);
    assert.match(last(server), /^That does not fit: (it is no JSON|bird: expected a string|the answer was cut off)/);
    await using stubborn = await modelServer(() => first);
    await assert.rejects(
      async () => models(stubborn, { schema: birdSchema }).extractor.extract(document),
      /do not fit the schema, also when asked again/,
    );
    assert.equal(stubborn.requests.length, 2);
  });
}

test("a service that does not know a format of answers is asked in a simpler way, from then on", async () => {
  const simple: Behaviour = ({ body }, response) => {
    if (body.response_format === undefined) return completion('{"bird":"crane"}');
    fail(response, 400, { message: `response_format ${body.response_format.type} is not supported` });
    return undefined;
  };
  await using server = await modelServer(simple);
  const { extractor } = models(server, { schema: birdSchema });
  await extractor.extract(document);
  await extractor.extract(document);
  assert.deepEqual(
    server.requests.map(({ body }) => body.response_format?.type),
    ["json_schema", "json_object", undefined, undefined],
  );
});

test("without a schema, topics, people, organisations, places and dates are drawn", async () => {
  const facts = { topics: ["cranes"], people: ["Ada"], organisations: [], places: [], dates: [] };
  await using server = await modelServer(() => completion(JSON.stringify(facts)));
  assert.deepEqual(await models(server).extractor.extract(document), facts);
});

test("facts of a long document are those of its parts, merged", async () => {
  const parts = [
    { topics: ["cranes", "birds"], people: ["Ada"], organisations: [], places: [], dates: [] },
    { topics: ["birds"], people: ["Bob"], organisations: [], places: ["Rügen"], dates: [] },
  ];
  await using server = await modelServer((_, __, count) => completion(JSON.stringify(parts[(count - 1) % 2])));
  const text = "Every sentence is of this length. ".repeat(100);
  const { extractor } = models(server, { limits: { contextTokens: 4_500 } });
  assert.deepEqual(await extractor.extract({ ...document, text }), {
    topics: ["cranes", "birds"],
    people: ["Ada", "Bob"],
    organisations: [],
    places: ["Rügen"],
    dates: [],
  });
});

/** Streams an answer in pieces. */
function streaming(pieces: readonly string[]): Behaviour {
  return (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (event: object): void => void response.write(`data: ${JSON.stringify(event)}\n\n`);
    for (const content of pieces) send({ choices: [{ delta: { content }, finish_reason: null }] });
    send({ choices: [{ delta: {}, finish_reason: "stop" }] });
    send({ choices: [], usage: { prompt_tokens: 7, completion_tokens: pieces.length } });
    response.end("data: [DONE]\n\n");
    return undefined;
  };
}

async function storeWithBirds(): Promise<Awaited<ReturnType<typeof openStore>>> {
  const store = await openStore("sqlite::memory:");
  const documents = { crane: "A crane is a grey bird.", heron: "A heron stands in the water." };
  await ingest(memorySource("memory:", documents), { store, ...ownParts });
  return store;
}

test("an answer is written piece by piece from numbered passages, and names its sources", async () => {
  await using server = await modelServer(streaming(["A crane ", "is grey [1][9]", "."]));
  await using store = await storeWithBirds();
  const pieces: string[] = [];
  const answer = await ask(store, "What colour is a crane?", {
    answerer: models(server).answerer,
    embedder: ownParts.embedder,
    mode: "text",
    onText: (piece) => pieces.push(piece),
  });
  assert.deepEqual(pieces, ["A crane ", "is grey [1][9]", "."]);
  assert.deepEqual([answer.kind, answer.model, answer.text], ["written", "m", "A crane is grey [1][9]."]);
  assert.deepEqual(
    answer.sources.map(({ number, source }) => [number, source]),
    [[1, "memory:/crane"]],
  );
  assert.match(last(server), /^\[1\] A crane is a grey bird\.\nA crane is a grey bird\.[\s\S]*Question: What colour/);
});

test("an answer that breaks off is an error, and is not begun anew", async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const breaking: Behaviour = (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: "A crane " } }] })}\n\n`);
    void begun.then(() => response.destroy());
  };
  await using server = await modelServer(breaking);
  await using store = await storeWithBirds();
  const options = { answerer: models(server).answerer, mode: "text" as const, onText: () => begin() };
  await assert.rejects(() => ask(store, "crane?", options), /the answer broke off/);
  assert.equal(server.requests.length, 1);
});

test("nothing found is answered by nothing, and no model is asked", async () => {
  await using server = await modelServer(streaming(["never"]));
  await using store = await storeWithBirds();
  const answer = await ask(store, "zebra?", { answerer: models(server).answerer, mode: "text" });
  assert.deepEqual([answer.text, answer.sources, server.requests.length], ["", [], 0]);
});

test("a cancellation ends the writing, and the server sees it go", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const endless: Behaviour = (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: "word " } }] })}\n\n`);
    response.on("close", leave);
  };
  await using server = await modelServer(endless);
  await using store = await storeWithBirds();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const answering = moveOnAfter("2s", () =>
    ask(store, "crane?", { answerer: models(server).answerer, mode: "text", onText: () => begin() }),
  );
  await begun;
  assert.equal(await answering, undefined);
  await left;
});
