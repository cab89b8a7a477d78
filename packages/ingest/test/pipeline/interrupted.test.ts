import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { ingest, openStore } from "@tsyncio/ingest";
import { runChild } from "../store/child-process.ts";
import { contentsOf } from "./contents.ts";
import { ownParts } from "./parts.ts";

/** Enough for several batches of questions to the store, and several commits. */
const total = 100;

let root = "";
let undisturbed: ReturnType<typeof contentsOf>;

before(async () => {
  root = await mkdtemp(`${tmpdir()}/interrupted-`);
  await mkdir(`${root}/docs`);
  // Many short-lived processes: what one has compiled, the next ones load.
  process.env["NODE_COMPILE_CACHE"] = `${root}/compiled`;
  for (let index = 0; index < total; index++) {
    const lines = Array.from({ length: 1 + (index % 5) }, (_, line) => `bad cab ${index} ${line}`);
    await writeFile(`${root}/docs/${index}.txt`, lines.join("\n"));
  }
  undisturbed = await finish(`${root}/undisturbed.db`);
  assert.equal(undisturbed.documents.length, total);
});

after(() => rm(root, { recursive: true, force: true }));

/** Ingests to the end, and answers what the store holds then. */
async function finish(path: string, already = 0): Promise<ReturnType<typeof contentsOf>> {
  {
    await using store = await openStore(path);
    const report = await ingest(`${root}/docs`, { store, ...ownParts });
    assert.deepEqual([report.documents + report.unchanged, report.refused], [total, []]);
    assert.ok(report.unchanged >= already, `${already} were said to be in, and ${report.unchanged} were`);
  }
  return contentsOf(path);
}

/** What the child said was in, and how it ended. */
async function interrupt(path: string, signal: string, stage: string, side: string, count: number): Promise<number> {
  const child = runChild("../pipeline/ingesting-child.ts", [`${root}/docs`, path, signal, stage, side, String(count)]);
  let last = "{}";
  for await (const line of child.lines) last = line;
  assert.equal(await child.ended(), signal, child.errors());
  assert.equal(child.errors(), "");
  return (JSON.parse(last) as { documents?: number }).documents ?? 0;
}

const stages = ["get", "known", "parse", "chunk", "embed", "summarize", "extract", "save"] as const;

/** Calls that are made for several documents at once come seldom. */
const seldom: Readonly<Record<string, number>> = { known: 3, embed: 12 };

for (const stage of stages) {
  test(`a kill at the border of ${stage} loses nothing: the next run ends as an undisturbed one`, async () => {
    // Behind most stages lies the next one's beginning.
    for (const side of stage === "save" || stage === "embed" ? ["before", "after"] : ["before"]) {
      const path = `${root}/kill-${stage}-${side}.db`;
      await interrupt(path, "SIGKILL", stage, side, seldom[stage] ?? 60);
      assert.deepEqual(await finish(path), undisturbed);
    }
  });
}

for (const stage of stages) {
  test(`SIGINT and SIGTERM during ${stage} end the process by that signal, and what was said to be in is in`, async () => {
    for (const signal of ["SIGINT", "SIGTERM"]) {
      const path = `${root}/${signal}-${stage}.db`;
      const documents = await interrupt(path, signal, stage, "before", seldom[stage] ?? 60);
      assert.ok(documents < total, `${documents} were in, so nothing was interrupted`);
      assert.deepEqual(await finish(path, documents), undisturbed);
    }
  });
}

test("a kill while the store's lock is held, and before anything else, does no harm", async () => {
  const path = `${root}/kill-lock.db`;
  await interrupt(path, "SIGKILL", "lockForIngest", "after", 1);
  await interrupt(path, "SIGKILL", "prepare", "after", 1);
  assert.deepEqual(await finish(path), undisturbed);
});
