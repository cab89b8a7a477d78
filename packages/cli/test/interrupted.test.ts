import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { contentsOf } from "../../ingest/test/pipeline/contents.ts";
import { seeded } from "../../ingest/test/store/records.ts";
import { folder, jsonLines, runCommand, startCommand } from "./run-command.ts";

const total = 150;

function corpus(): Record<string, string> {
  const page = (n: number): string =>
    `# Page ${n}\n\nThe heron number ${n} waits.\n\n## Part ${n % 7}\n\nSee [that](https://e.org/${n}), of 2026-01-${10 + (n % 20)}.\n`;
  return Object.fromEntries(Array.from({ length: total }, (_, n) => [`docs/${n}.md`, page(n)]));
}

test("killed twenty times at random moments, and run again each time, ingest ends in the same rows and vectors", async (t) => {
  const root = await folder(t, corpus());
  const random = seeded(20_261_122);
  const ingest = ["ingest", "docs", "--json", "--store"];
  const undisturbed = await runCommand([...ingest, "undisturbed.db"], { cwd: root });
  assert.equal(undisturbed.status, 0, undisturbed.stderr);
  const expected = contentsOf(`${root}/undisturbed.db`);
  assert.equal(expected.documents.length, total);

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

test("SIGINT and SIGTERM end ingest by that signal, it says what is in, and the next run does the rest", async (t) => {
  const root = await folder(t, corpus());
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const args = ["ingest", "docs", "--json", "--store", `${signal}.db`];
    // Without the option that the tests run with, the launcher starts the command as a process of its own.
    const child = startCommand(args, { cwd: root, env: { NODE_OPTIONS: "" } });
    let sent = false;
    child.onLine((line) => {
      if (sent || !line.includes('"status":"in"')) return;
      sent = true;
      child.process.kill(signal);
    });
    const { status, stdout, stderr } = await child.ended;
    assert.equal(status, signal);
    const { type, documents } = jsonLines(stdout).at(-1) as { type: string; documents: number };
    assert.equal(type, "interrupted");
    assert.ok(documents > 0 && documents < total, `${documents} were in`);
    assert.match(
      stderr,
      new RegExp(`^Interrupted: ${documents} documents went in, 0 were in already, 0 were refused\\. Nothing is lost`),
    );
    const again = await runCommand(args, { cwd: root });
    const done = jsonLines(again.stdout).at(-1) as { documents: number; unchanged: number };
    assert.deepEqual([again.status, done.documents + done.unchanged], [0, total]);
    assert.ok(done.unchanged >= documents);
  }
  assert.deepEqual(contentsOf(`${root}/SIGINT.db`), contentsOf(`${root}/SIGTERM.db`));
});

test("a launcher that is killed takes the command that it started with it", async (t) => {
  const root = await folder(t, corpus());
  const child = startCommand(["ingest", "docs", "--json"], { cwd: root, env: { NODE_OPTIONS: "" } });
  child.onLine((line) => line.includes('"status":"in"') && child.process.kill("SIGKILL"));
  assert.deepEqual(await once(child.process, "exit"), [null, "SIGKILL"]);
  const again = await runCommand(["ingest", "docs"], { cwd: root });
  assert.equal(again.status, 0, again.stderr);
});
