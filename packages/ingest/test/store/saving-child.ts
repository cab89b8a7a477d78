/**
 * Saves documents for ever, some of them again and again, says which are in, and searches meanwhile, which moves vectors
 * into the index: `node saving-child.ts PATH NAME SEED`.
 */
import { openStore } from "../../src/store/open-store.ts";
import { CONFIGURATION, record, seeded } from "./records.ts";

const [path = "", name = "", seed = "0"] = process.argv.slice(2);
const random = seeded(Number(seed));
const store = await openStore(path);
await store.prepare(CONFIGURATION);
await Promise.all([searchForEver(), ...Array.from({ length: 24 }, (_, lane) => saveInLane(lane))]);

async function searchForEver(): Promise<never> {
  const vector = Float32Array.of(1, 0, 0, 0);
  for (;;) await store.search({ text: "", vector, mode: "vector", k: 3, filter: undefined });
}

async function saveInLane(lane: number): Promise<void> {
  for (let version = 1; ; version++) {
    const source = `/${name}/${lane}/${version % 5}`;
    const texts = Array.from(
      { length: 1 + Math.floor(random() * 12) },
      (_, index) => `${source} version${version} part${index} heron`,
    );
    const [outcome] = await store.save([record(source, texts, { facts: { version, chunks: texts.length } })]);
    if (outcome?.error !== undefined) throw outcome.error;
    process.stdout.write(`${JSON.stringify({ source, version })}\n`);
  }
}
