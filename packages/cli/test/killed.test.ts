import assert from "node:assert/strict";
import { test } from "node:test";
import { contentsOf } from "../../ingest/test/pipeline/contents.ts";
import { seeded } from "../../ingest/test/store/records.ts";
import { corpus, pages } from "./corpus.ts";
import { folder, runCommand, startCommand } from "./run-command.ts";

test("killed twenty times at random moments, and run again each time, ingest ends in the same rows and vectors", async (t) => {
  const root = await folder(t, corpus());
  const random = seeded(20_261_122);
  const ingest = ["ingest", "docs", "--json", "--store"];
  const undisturbed = await runCommand([...ingest, "undisturbed.db"], { cwd: root });
  assert.equal(undisturbed.status, 0, undisturbed.stderr);
  const expected = contentsOf(`${root}/undisturbed.db`);
  assert.equal(expected.documents.length, pages);

  let kills = 0;
  for (let round = 0; kills < 20; round++) {
    const store = `round${round}.db`;
    const said = new Set<string>();
    for (let finished = false; !finished;) {
      const child = startCommand([...ingest, store], { cwd: root });
      // A few lines further each time; the moment in between is the machine's.
      let lines = kills < 20 ? 1 + Math.floor(random() * 30) : Infinity;
      child.onLine((line) => {
        const { type, status, source } = JSON.parse(line) as Record<string, string>;
        if (type === "document" && status === "in") said.add(source ?? "");
        if (type === "document" && status === "unchanged") return;
        if ((lines -= 1) === 0) child.process.kill("SIGKILL");
      });
      const { status, stderr } = await child.ended;
      finished = status === 0;
      if (!finished) assert.deepEqual([status, stderr], ["SIGKILL", ""]);
      kills += finished ? 0 : 1;
    }
    const contents = contentsOf(`${root}/${store}`);
    assert.deepEqual(contents, expected);
    for (const source of said)
      assert.ok(contents.documents.some((row) => (row as { source: string }).source === source));
  }
});
