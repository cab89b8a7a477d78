import assert from "node:assert/strict";
import { test } from "node:test";
import { openAICompatible, type OpenAICompatibleOptions, ServiceError } from "@tsyncio/ingest";
import { isCancelled, moveOnAfter, timeout, TimeoutError } from "tsyncio";
import { type Behaviour, embeddings, fail, type ModelServer, modelServer, vectorOf } from "./model-server.ts";

const texts = ["a", "bb", "ccc", "dddd"];
const vectors = texts.map((text) => Float32Array.from(vectorOf(text)));

async function withServer<T>(
  behave: Behaviour,
  use: (embedder: ReturnType<typeof embedderOf>, server: ModelServer) => Promise<T>,
  options: Partial<OpenAICompatibleOptions> = {},
): Promise<T> {
  await using server = await modelServer(behave);
  return await use(embedderOf(server, options), server);
}

const embedderOf = (server: ModelServer, options: Partial<OpenAICompatibleOptions>) =>
  openAICompatible({ baseUrl: server.baseUrl, apiKey: "sk-secret", embeddingModel: "m", dimensions: 3, ...options })
    .embedder;

test("texts are embedded by one request that names the model and carries the key", async () => {
  await withServer(
    ({ body }) => embeddings(body.input ?? []),
    async (embedder, { requests }) => {
      assert.deepEqual(await embedder.embed(texts, "document"), vectors);
      assert.equal(requests.length, 1);
      assert.equal(requests[0]?.path, "/v1/embeddings");
      assert.equal(requests[0]?.headers.authorization, "Bearer sk-secret");
      assert.deepEqual(requests[0]?.body, { model: "m", input: texts, encoding_format: "float" });
    },
  );
});

test("vectors are paired by their index, in whatever order they come", async () => {
  const reversed: Behaviour = ({ body }) => ({ data: embeddings(body.input ?? []).data.toReversed() });
  await withServer(reversed, async (embedder) => {
    assert.deepEqual(await embedder.embed(texts, "document"), vectors);
  });
});

test("the length of the vectors is asked of the service when nobody says it", async () => {
  await using server = await modelServer(({ body }) => embeddings(body.input ?? []));
  const { embedder } = openAICompatible({ baseUrl: server.baseUrl, embeddingModel: "m" });
  assert.throws(() => embedder.dimensions, /call prepare\(\)/);
  await embedder.prepare?.();
  assert.equal(embedder.dimensions, 3);
});

const senseless: readonly (readonly [what: string, answer: (input: readonly string[]) => object, message: RegExp])[] = [
  ["too few vectors", (input) => ({ data: embeddings(input).data.slice(1) }), /3 vectors for 4 texts/],
  [
    "a vector twice",
    (input) => ({ data: embeddings(input).data.map((item) => ({ ...item, index: 0 })) }),
    /two vectors/,
  ],
  [
    "a vector for no text",
    (input) => ({ data: embeddings(input).data.map((item) => ({ ...item, index: 9 })) }),
    /text 9/,
  ],
  [
    "a vector of another length",
    (input) => ({ data: embeddings(input).data.map((item) => ({ ...item, embedding: [1, 2] })) }),
    /2 dimensions instead of 3/,
  ],
  [
    "a number that is none",
    (input) => ({ data: embeddings(input).data.map((item) => ({ ...item, embedding: [1, null, "NaN"] })) }),
    /not finite/,
  ],
  ["no list", () => ({ data: "none" }), /no list of vectors/],
];
for (const [what, answer, message] of senseless) {
  test(`an answer with ${what} is an error and no vector`, async () => {
    await withServer(
      ({ body }) => answer(body.input ?? []),
      async (embedder, { requests }) => {
        await assert.rejects(async () => embedder.embed(texts, "document"), message);
        assert.equal(requests.length, 1);
      },
    );
  });
}

test("a batch that is too large for the service is cut in half until it fits, and later batches are smaller at once", async () => {
  const picky: Behaviour = ({ body }, response) => {
    const input = body.input ?? [];
    if (input.length <= 2) return embeddings(input);
    fail(response, 400, { message: "Requested 12 tokens, max 8 tokens per request" });
    return undefined;
  };
  await withServer(picky, async (embedder, { requests }) => {
    const many = [...texts, ...texts];
    assert.deepEqual(await embedder.embed(many, "document"), [...vectors, ...vectors]);
    assert.deepEqual(
      requests.map(({ body }) => body.input?.length),
      [8, 4, 2, 2, 4, 2, 2],
    );
    assert.ok(embedder.batch.tokens < 10, String(embedder.batch.tokens));
  });
});

test("one text that is too long says which setting makes passages shorter", async () => {
  const refuse: Behaviour = (_, response) => fail(response, 413, { message: "maximum context length exceeded" });
  await withServer(refuse, async (embedder) => {
    await assert.rejects(async () => embedder.embed(["long"], "document"), /too long for m; chunking\.maxTokens/);
  });
});

test("a 429 is waited out as long as it asks, and tried again", async () => {
  const busy: Behaviour = ({ body }, response, count) => {
    if (count > 2) return embeddings(body.input ?? []);
    fail(response, 429, { message: "slow down" }, count === 1 ? { "retry-after-ms": "20" } : {});
    return undefined;
  };
  await withServer(busy, async (embedder, { requests }) => {
    assert.deepEqual(await embedder.embed(texts, "document"), vectors);
    assert.equal(requests.length, 3);
    const { retries, overloads, inputTokens } = embedder.usage?.() ?? {};
    assert.deepEqual({ retries, overloads, inputTokens }, { retries: 2, overloads: 2, inputTokens: 4 });
  });
});

test("a service that fails, resets or answers no JSON is tried again", async () => {
  const flaky: Behaviour = ({ body }, response, count) => {
    if (count === 1) fail(response, 500, { message: "oops" });
    else if (count === 2) response.socket?.resetAndDestroy();
    else if (count === 3) response.writeHead(200).end("<html>");
    else return embeddings(body.input ?? []);
    return undefined;
  };
  await withServer(flaky, async (embedder, { requests }) => {
    assert.deepEqual(await embedder.embed(texts, "document"), vectors);
    assert.equal(requests.length, 4);
  });
});

test("a service that does not answer is asked again after requestTimeout", async () => {
  const mute: Behaviour = ({ body }, _, count) => (count === 1 ? undefined : embeddings(body.input ?? []));
  await withServer(mute, async (embedder) => assert.deepEqual(await embedder.embed(texts, "document"), vectors), {
    requestTimeout: "100ms",
  });
});

test("after patience the failure is hopeless, and says what the service said", async () => {
  const down: Behaviour = (_, response) => fail(response, 503, { message: "maintenance" });
  const hopeless = (error: unknown): boolean =>
    error instanceof ServiceError &&
    error.trouble === "hopeless" &&
    /503: maintenance \(tried for 50ms\)/.test(error.message);
  await withServer(down, async (embedder) => assert.rejects(async () => embedder.embed(texts, "document"), hopeless), {
    patience: "50ms",
  });
});

test("a wrong key, an unknown model and an empty account are hopeless at once, and the key is never shown", async () => {
  for (const [status, error] of [
    [401, { message: "Incorrect API key" }],
    [404, { message: "The model m does not exist" }],
    [429, { message: "You exceeded your quota", code: "insufficient_quota" }],
  ] as const) {
    const refuse: Behaviour = (_, response) => fail(response, status, error);
    await withServer(refuse, async (embedder, { requests }) => {
      await assert.rejects(
        async () => embedder.embed(texts, "document"),
        (thrown: ServiceError) => {
          assert.equal(thrown.trouble, "hopeless");
          assert.match(thrown.message, new RegExp(error.message));
          assert.doesNotMatch(String(thrown.stack), /sk-secret/);
          return true;
        },
      );
      assert.equal(requests.length, 1);
    });
  }
});

test("a password in the address goes into a header, and into no message", async () => {
  const refuse: Behaviour = (_, response) => fail(response, 400, { message: "no" });
  await using server = await modelServer(refuse);
  const baseUrl = server.baseUrl.replace("http://", "http://user:p%40ss@");
  const { embedder } = openAICompatible({ baseUrl, embeddingModel: "m" });
  await assert.rejects(
    async () => embedder.embed(texts, "document"),
    (error: Error) => !/p%40ss|p@ss/.test(String(error.stack)) && /400: no/.test(error.message),
  );
  assert.equal(server.requests[0]?.headers.authorization, `Basic ${Buffer.from("user:p@ss").toString("base64")}`);
});

test("a cancellation ends the request, and the server sees it go", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const mute: Behaviour = (_, response) => {
    response.on("close", leave);
    ask();
  };
  await withServer(mute, async (embedder) => {
    await assert.rejects(
      () =>
        timeout("5s", async (clock) => {
          const embedding = Promise.resolve(embedder.embed(texts, "document"));
          embedding.catch((error: unknown) => assert.ok(isCancelled(error)));
          await asked;
          clock.reschedule(0);
          await embedding;
        }),
      TimeoutError,
    );
    await left;
  });
});

test("a quota that the service says is used up stops everybody until it is filled again", async () => {
  const quota: Behaviour = ({ body }, response, count) => {
    if (count > 1) return embeddings(body.input ?? []);
    fail(response, 429, { message: "limit" }, { "retry-after": "3600", "x-ratelimit-remaining-requests": "0" });
    return undefined;
  };
  await withServer(quota, async (embedder, { requests }) => {
    const first = moveOnAfter("300ms", () => embedder.embed(["a"], "document"), "waits");
    assert.equal(await first, "waits");
    assert.equal(await moveOnAfter("100ms", () => embedder.embed(["b"], "document"), "waits too"), "waits too");
    assert.equal(requests.length, 1);
  });
});

test("no more requests than concurrency are in flight", async () => {
  let inFlight = 0;
  let most = 0;
  const slow: Behaviour = async ({ body }) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inFlight -= 1;
    return embeddings(body.input ?? []);
  };
  await withServer(
    slow,
    async (embedder) => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => embedder.embed([`text ${index}`], "document")));
      assert.equal(most, 3);
    },
    { limits: { concurrency: 3 } },
  );
});

test("options that make no sense are refused, with what was expected", () => {
  const make = (options: object) => () => openAICompatible({ baseUrl: "http://localhost/v1", model: "m", ...options });
  assert.throws(make({ baseUrl: "localhost:11434" }), /baseUrl: expected an http or https address/);
  assert.throws(make({ limits: { concurrency: 0 } }), /limits\.concurrency: expected a number from 1 on, got 0/);
  assert.throws(make({ schema: {} }), /expected a Standard Schema/);
  assert.throws(() => openAICompatible({ baseUrl: "http://localhost" } as never), /expected model, or embeddingModel/);
});
