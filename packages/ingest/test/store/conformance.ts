import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { SearchMode, Store, StoreQuery } from "../../src/model/interfaces.ts";
import { CONFIGURATION, record } from "./records.ts";

/** A fresh, empty store a call. */
export type OpenEmptyStore = () => Promise<Store>;

/** What every store must do, whatever it is made of. */
export function storeConformance(name: string, open: OpenEmptyStore): void {
  const ready = async (): Promise<Store> => {
    const store = await open();
    await store.prepare(CONFIGURATION);
    return store;
  };
  const it = (behaviour: string, body: (store: Store) => Promise<void>): void => {
    test(`${name}: ${behaviour}`, async () => {
      await using store = await ready();
      await body(store);
    });
  };

  it("a saved document is known, counted and found with its exact text and offsets", async (store) => {
    const saved = record("/docs/a.md", ["A crane lifts steel.", "\u0000 Ünïcödé 🚀 \r\n text"]);
    assert.deepEqual(await store.save([saved]), [{ source: "/docs/a.md", error: undefined }]);
    assert.deepEqual(
      await store.known(["/docs/a.md", "/docs/b.md"]),
      new Map([["/docs/a.md", { hash: saved.hash, fingerprint: saved.fingerprint }]]),
    );
    const { documents, chunks, refused, bytes, fingerprint } = await store.status();
    assert.deepEqual(
      { documents, chunks, refused, bytes, fingerprint },
      { documents: 1, chunks: 2, refused: 0, bytes: saved.bytes, fingerprint: "configuration" },
    );
    const [hit] = await store.search(query({ text: "unicode", mode: "text" }));
    assert.deepEqual(
      { ...hit, score: 0 },
      {
        source: "/docs/a.md",
        title: "Title of /docs/a.md",
        headings: ["Part 1"],
        text: "\u0000 Ünïcödé 🚀 \r\n text",
        start: 20,
        end: 20 + "\u0000 Ünïcödé 🚀 \r\n text".length,
        score: 0,
      },
    );
  });

  it("saving a source again replaces what was stored for it", async (store) => {
    await store.save([record("/docs/a.md", ["old crane", "old crane too"])]);
    await store.save([record("/docs/a.md", ["new heron"])]);
    assert.deepEqual(await store.search(query({ text: "crane", mode: "text" })), []);
    assert.deepEqual(
      (await store.search(query({ text: "heron", mode: "text" }))).map(({ text }) => text),
      ["new heron"],
    );
    assert.equal((await store.search(query({ mode: "vector", vector: Float32Array.of(1, 0, 0, 0) }))).length, 1);
    const { documents, chunks } = await store.status();
    assert.deepEqual({ documents, chunks }, { documents: 1, chunks: 1 });
  });

  it("many saves at once are each told their own outcome", async (store) => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.save([record(`/docs/${index}`, ["text"])])),
    );
    assert.deepEqual(
      outcomes.map(([outcome]) => outcome?.source),
      Array.from({ length: 50 }, (_, index) => `/docs/${index}`),
    );
    assert.ok(outcomes.flat().every(({ error }) => error === undefined));
    assert.equal((await store.status()).documents, 50);
  });

  it("a bad record is reported and the others of the call go in", async (store) => {
    const good = record("/docs/good", ["good"]);
    const bad = [
      record("/docs/few-vectors", ["a", "b"], { vectors: [Float32Array.of(1, 2, 3, 4)] }),
      record("/docs/not-finite", ["a"], { vectors: [Float32Array.of(1, Number.NaN, 3, 4)] }),
      record("/docs/dimensions", ["a"], { dimensions: 5 }),
      record("/docs/surrogate", ["half \ud83d"]),
      record("/docs/function", ["a"], { facts: { big: 1n } }),
      record("/docs/offsets", ["a"], { chunks: [{ index: 0, start: 3, end: 9, text: "a", headings: [], tokens: 1 }] }),
    ];
    const outcomes = await store.save([...bad, good]);
    assert.deepEqual(
      outcomes.map(({ source, error }) => [source, error?.name]),
      [...bad.map(({ source }) => [source, "RecordError"]), ["/docs/good", undefined]],
    );
    assert.equal((await store.status()).documents, 1);
  });

  it("a document without chunks goes in", async (store) => {
    const [outcome] = await store.save([record("/docs/empty", [])]);
    assert.equal(outcome?.error, undefined);
    assert.equal((await store.known(["/docs/empty"])).size, 1);
  });

  it("text search prefers passages with more of the terms, and with the terms side by side", async (store) => {
    await store.save([
      record("/docs/one", ["the event was long, and far from any loop of wire we saw in the yard"], {
        title: undefined,
      }),
      record("/docs/two", ["the event loop was long, and far from any wire that we saw in the yard"], {
        title: undefined,
      }),
      record("/docs/three", ["the event was long, and far from any wire that we saw in the great yard"], {
        title: undefined,
      }),
    ]);
    const hits = await store.search(query({ text: "event loop", mode: "text" }));
    assert.deepEqual(
      hits.map(({ source }) => source),
      ["/docs/two", "/docs/one", "/docs/three"],
    );
    assert.equal(hits[0]?.title, "/docs/two", "a document without a title is called by its source");
  });

  it("vector search answers the nearest first, with the cosine as score", async (store) => {
    const vectors = [
      Float32Array.of(0, 1, 0, 0),
      Float32Array.of(3, 3, 0, 0),
      Float32Array.of(2, 0, 0, 0),
      Float32Array.of(0, 0, 0, 0),
    ];
    await store.save([record("/docs/a", ["across", "between", "along", "nowhere"], { vectors })]);
    const hits = await store.search(query({ mode: "vector", vector: Float32Array.of(5, 0, 0, 0) }));
    assert.deepEqual(
      hits.map(({ text, score }) => [text, Math.round(score * 1000)]),
      [
        ["along", 1000],
        ["between", 707],
        ["across", 0],
      ],
    );
  });

  it("hybrid search puts what both rankings like above what one likes", async (store) => {
    const [near, far] = [Float32Array.of(1, 0, 0, 0), Float32Array.of(0, 1, 0, 0)];
    await store.save([
      record("/docs/words", ["heron heron heron"], { vectors: [far] }),
      record("/docs/meaning", ["grey bird"], { vectors: [near] }),
      record("/docs/both", ["heron, a grey bird that stands in the shallow water for hours"], { vectors: [near] }),
    ]);
    const hits = await store.search(query({ text: "heron", vector: near }));
    assert.equal(hits[0]?.source, "/docs/both");
    assert.equal(hits.length, 3);
  });

  for (const mode of ["text", "vector", "hybrid"] as const) {
    it(`a ${mode} search is restricted by its filter and by k`, async (store) => {
      await store.save([
        record("/docs/sub/a.md", ["heron"]),
        record("/docs/b.md", ["heron"]),
        record("/docs/c.html", ["heron"], { mediaType: "text/html" }),
        record("/other/[d]/d.md", ["heron"]),
      ]);
      const ask = async (filter: StoreQuery["filter"], k = 10): Promise<readonly string[]> =>
        (await store.search(query({ text: "heron", mode, filter, k }))).map(({ source }) => source).toSorted();
      assert.deepEqual(await ask({ source: "/docs/" }), ["/docs/b.md", "/docs/c.html", "/docs/sub/a.md"]);
      assert.deepEqual(await ask({ source: "/docs/*.md" }), ["/docs/b.md"]);
      assert.deepEqual(await ask({ source: "/docs/**/*.md" }), ["/docs/b.md", "/docs/sub/a.md"]);
      assert.deepEqual(await ask({ source: "/other/[d]/" }), ["/other/[d]/d.md"]);
      assert.deepEqual(await ask({ mediaType: "text/html" }), ["/docs/c.html"]);
      assert.deepEqual(await ask({ source: "/docs/*", mediaType: "text/html" }), ["/docs/c.html"]);
      assert.deepEqual(await ask({ source: "/nowhere" }), []);
      assert.equal((await ask(undefined, 2)).length, 2);
    });

    it(`a ${mode} search breaks ties by source and position, in whatever order the documents came`, async (store) => {
      const vectors = [Float32Array.of(1, 0, 0, 0), Float32Array.of(1, 0, 0, 0)];
      const sources = Array.from({ length: 40 }, (_, index) => `/docs/${String((index * 17) % 40).padStart(2, "0")}`);
      await store.save(sources.map((source) => record(source, ["heron", "heron"], { vectors, title: "same" })));
      const hits = await store.search(query({ text: "heron", mode, k: 5, vector: Float32Array.of(1, 0, 0, 0) }));
      assert.deepEqual(
        hits.map(({ source, start }) => [source, start]),
        [
          ["/docs/00", 0],
          ["/docs/00", 5],
          ["/docs/01", 0],
          ["/docs/01", 5],
          ["/docs/02", 0],
        ],
      );
    });
  }

  it("no text whatever is an error to search for", async (store) => {
    await store.save([record("/docs/a", ["NEAR AND OR NOT title heron"])]);
    const tricky = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[a-z"*^():{}+\- ANDORTE\0]*$/u),
    );
    await fc.assert(
      fc.asyncProperty(tricky, async (text) => {
        assert.ok(Array.isArray(await store.search(query({ text, mode: "text" }))));
      }),
      { numRuns: 300 },
    );
    assert.equal((await store.search(query({ text: 'NEAR("heron" ', mode: "text" }))).length, 1);
  });

  it("a query that cannot be answered is refused with what is wrong", async (store) => {
    await store.save([record("/docs/a", ["heron"])]);
    const bad: readonly [Partial<StoreQuery>, RegExp][] = [
      [{ k: 0 }, /k must be a whole number/u],
      [{ k: 1.5 }, /k must be a whole number/u],
      [{ mode: "fuzzy" as SearchMode }, /hybrid, vector or text/u],
      [{ vector: undefined }, /needs the vector/u],
      [{ vector: Float32Array.of(1, 2) }, /has 2 dimensions, those of the store have 4 \(made by test embedder\)/u],
      [{ vector: Float32Array.of(1, 2, 3, Number.NaN) }, /not finite/u],
    ];
    for (const [part, message] of bad) await assert.rejects(store.search(query(part)), message);
  });

  it("a refusal is listed until the document is saved, and an older version stays meanwhile", async (store) => {
    await store.save([record("/docs/a", ["first version"])]);
    await store.refuse([
      { source: "/docs/a", origin: "/docs", stage: "parse", reason: "too deep" },
      { source: "/docs/b", origin: "/docs", stage: "get", reason: "unreadable" },
    ]);
    await store.refuse([{ source: "/docs/b", origin: "/docs", stage: "get", reason: "still unreadable" }]);
    assert.deepEqual(await store.errors(), [
      { source: "/docs/a", stage: "parse", reason: "too deep" },
      { source: "/docs/b", stage: "get", reason: "still unreadable" },
    ]);
    assert.equal((await store.status()).refused, 2);
    assert.equal((await store.search(query({ text: "first", mode: "text" }))).length, 1);
    assert.equal((await store.known(["/docs/a"])).size, 0, "it must be tried again");
    await store.save([record("/docs/a", ["first version"])]);
    assert.deepEqual(
      (await store.errors()).map(({ source }) => source),
      ["/docs/b"],
    );
    assert.equal((await store.known(["/docs/a"])).size, 1);
  });

  it("prune removes what vanished from its origin, and nothing of another", async (store) => {
    await store.save([
      record("/docs/a", ["heron"]),
      record("/docs/b", ["heron"]),
      record("/x/a", ["heron"], { origin: "/x" }),
    ]);
    await store.refuse([{ source: "/docs/c", origin: "/docs", stage: "get", reason: "unreadable" }]);
    assert.deepEqual(await store.prune("/docs", new Set(["/docs/b", "/docs/new"])), ["/docs/a"]);
    assert.deepEqual((await store.search(query({ text: "heron" }))).map(({ source }) => source).toSorted(), [
      "/docs/b",
      "/x/a",
    ]);
    assert.deepEqual(await store.errors(), []);
  });

  it("prune refuses to remove everything, unless it is forced", async (store) => {
    await store.save([record("/docs/a", ["heron"])]);
    await assert.rejects(store.prune("/docs", new Set()), { name: "StoreError", code: "prune-all" });
    assert.equal((await store.status()).documents, 1);
    assert.deepEqual(await store.prune("/docs", new Set(), { force: true }), ["/docs/a"]);
    assert.deepEqual(await store.prune("/docs", new Set()), []);
  });

  it("vectors of another embedder stay, are not searched, and come back with it", async (store) => {
    await store.save([record("/docs/a", ["heron"])]);
    const vector = Float32Array.of(1, 0, 0, 0);
    assert.deepEqual(await store.prepare({ ...CONFIGURATION, embedder: "another", dimensions: 2 }), { stale: 1 });
    await store.save([record("/docs/b", ["crane"], { dimensions: 2 })]);
    assert.deepEqual(
      (await store.search(query({ mode: "vector", vector: Float32Array.of(1, 0) }))).map(({ source }) => source),
      ["/docs/b"],
    );
    assert.equal((await store.search(query({ text: "heron", mode: "text" }))).length, 1);
    assert.deepEqual(await store.prepare(CONFIGURATION), { stale: 1 });
    assert.deepEqual(
      (await store.search(query({ mode: "vector", vector }))).map(({ source }) => source),
      ["/docs/a"],
    );
  });

  it("reindexing changes no answer", async (store) => {
    await store.save(
      Array.from({ length: 30 }, (_, index) => record(`/docs/${index}`, ["heron crane", `number ${index}`])),
    );
    await store.prune("/docs", new Set(Array.from({ length: 20 }, (_, index) => `/docs/${index}`)));
    const ask = () => store.search(query({ text: "heron number 7", k: 20 }));
    const before = await ask();
    await store.reindex();
    assert.deepEqual(await ask(), before);
  });

  it("only one ingest holds the lock, searches go on, and it can be had again after its release", async (store) => {
    {
      await using _lock = await store.lockForIngest();
      await assert.rejects(store.lockForIngest(), { name: "StoreError", code: "ingest-running" });
      await store.search(query({ text: "heron", mode: "text" }));
    }
    await using _again = await store.lockForIngest();
  });

  it("answers of services are kept by their keys, whole and in any number", async (store) => {
    const { answers } = store;
    assert.ok(answers !== undefined);
    const vector = new Uint8Array(Float32Array.of(1, -2.5, 3).buffer);
    await Promise.all([
      answers.put(new Map([["vector", vector]])),
      answers.put(new Map([["words", new TextEncoder().encode("Ünï")]])),
    ]);
    await answers.put(new Map([["empty", new Uint8Array()]]));
    assert.deepEqual(
      await answers.get(["vector", "nobody asked", "words", "empty"]),
      new Map([
        ["vector", vector],
        ["words", new TextEncoder().encode("Ünï")],
        ["empty", new Uint8Array()],
      ]),
    );
    const many = Array.from({ length: 2_000 }, (_, index) => [`key ${index}`, Uint8Array.of(index % 256)] as const);
    await answers.put(new Map(many));
    assert.deepEqual(await answers.get(many.map(([key]) => key)), new Map(many));
  });

  test(`${name}: a closed store has finished what was asked, and refuses the rest`, async () => {
    const store = await ready();
    const saving = store.save([record("/docs/a", ["heron"])]);
    const closing = store.close();
    await assert.rejects(store.status(), { name: "StoreError", code: "closed" });
    assert.deepEqual(await saving, [{ source: "/docs/a", error: undefined }]);
    await closing;
    await store.close();
  });

  test(`${name}: a save before prepare says what to do`, async () => {
    await using store = await open();
    const [outcome] = await store.save([record("/docs/a", ["heron"])]);
    assert.match(String(outcome?.error), /prepare\(\)/u);
  });
}

function query(part: Partial<StoreQuery>): StoreQuery {
  return {
    text: "heron",
    vector: Float32Array.of(1, 0.5, 0.25, 0.125),
    mode: "hybrid",
    k: 10,
    filter: undefined,
    ...part,
  };
}
