import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { contentsOf } from "../../ingest/test/pipeline/contents.ts";
import { corpus, pages } from "./corpus.ts";
import { folder, jsonLines, runCommand, startCommand } from "./run-command.ts";

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
    assert.ok(documents > 0 && documents < pages, `${documents} were in`);
    assert.match(
      stderr,
      new RegExp(`^Interrupted: ${documents} documents went in, 0 were in already, 0 were refused\\. Nothing is lost`),
    );
    const again = await runCommand(args, { cwd: root });
    const done = jsonLines(again.stdout).at(-1) as { documents: number; unchanged: number };
    assert.deepEqual([again.status, done.documents + done.unchanged], [0, pages]);
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
