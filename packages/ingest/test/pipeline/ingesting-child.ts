/**
 * Ingests a folder into a store with quick parts, and sends itself a signal at one border of one stage.
 *
 *     ingesting-child.ts FOLDER STORE SIGNAL STAGE before|after COUNT
 */
import { ingest, openStore, type Source, sourceOf, type Store } from "@tsyncio/ingest";
import { run } from "tsyncio";
import { ownParts } from "./parts.ts";

const [folder = "", path = "", signal = "", stage = "", side = "", count = ""] = process.argv.slice(2);

let calls = 0;

/** The same function, with the signal at the border of one of its calls. */
function bordered<A extends unknown[], T>(name: string, call: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  if (name !== stage) return call;
  return async (...args) => {
    calls += 1;
    const mine = calls === Number(count);
    if (mine && side === "before") process.kill(process.pid, signal);
    const result = await call(...args);
    if (mine && side === "after") process.kill(process.pid, signal);
    return result;
  };
}

function borderedSource(source: Source): Source {
  return {
    origin: source.origin,
    documents: () => source.documents(),
    async *entries() {
      for await (const entry of source.entries?.() ?? []) {
        yield { ...entry, read: bordered("get", () => entry.read()) };
      }
    },
  };
}

function borderedStore(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      const call = member.bind(target) as (...args: unknown[]) => Promise<unknown>;
      return bordered(String(name), call);
    },
  });
}

const [parser] = ownParts.parsers;
const { chunker, embedder, summarizer, extractor } = ownParts;

await run(async () => {
  await using store = await openStore(path);
  let documents = 0;
  try {
    await ingest(borderedSource(sourceOf(folder)), {
      store: borderedStore(store),
      parsers: parser === undefined ? [] : [{ ...parser, parse: bordered("parse", parser.parse) }],
      chunker: { ...chunker, chunk: bordered("chunk", chunker.chunk) },
      embedder: { ...embedder, embed: bordered("embed", embedder.embed) },
      summarizer: { ...summarizer, summarize: bordered("summarize", summarizer.summarize) },
      extractor: { ...extractor, extract: bordered("extract", extractor.extract) },
      onEvent: (event) => {
        if (event.type === "document" && event.status === "in") documents += 1;
      },
    });
  } finally {
    console.log(JSON.stringify({ documents }));
  }
}).catch((error: unknown) => {
  if ((error as { code?: unknown }).code !== "ABORT_ERR") throw error;
});
