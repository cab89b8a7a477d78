import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { birds, folder, jsonLines, runCommand } from "./run-command.ts";

test("ingest brings a folder in, says how it went, and finds nothing to do the second time", async (t) => {
  const root = await folder(t, birds);
  const first = await runCommand(["ingest", "docs"], { cwd: root });
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^stage +done[\s\S]*^save +4 /m);
  assert.match(
    first.stdout,
    /^4 documents in as 4 chunks, 0 unchanged, 0 refused, in .*; largest gap of the main loop \d+ ms\.$/m,
  );
  assert.match(first.stderr, /^ingesting .*docs into sqlite:.*index\.db$/m);
  assert.ok(!`${first.stdout}${first.stderr}`.includes("\u001B"), "no control sequences where there is no terminal");
  assert.deepEqual(await readdir(`${root}/.tsyncio`), ["index.db"]);
  const second = await runCommand(["ingest", "docs"], { cwd: root });
  assert.equal(second.status, 0, second.stderr);
  assert.match(second.stdout, /^0 documents in as 0 chunks, 4 unchanged, 0 refused/);
});

test("ingest --json writes an event a line, the last one done", async (t) => {
  const root = await folder(t, { ...birds, "docs/bad.md": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]) });
  const { status, stdout, stderr } = await runCommand(["ingest", "docs", "--json"], { cwd: root });
  assert.deepEqual([status, stderr], [3, ""]);
  const events = jsonLines(stdout);
  const { type, sources, store } = events[0] ?? {};
  assert.deepEqual([type, sources, store], ["start", [`${root}/docs`], `sqlite:${root}/.tsyncio/index.db`]);
  const done = events.at(-1) ?? {};
  const { documents, unchanged, refused, chunks, elapsed } = done;
  assert.deepEqual([done["type"], documents, unchanged, chunks], ["done", 4, 0, 4]);
  assert.equal(typeof elapsed, "number");
  const [refusal, ...others] = refused as Record<string, string>[];
  assert.deepEqual([Object.keys(refusal ?? {}), others], [["source", "stage", "reason"], []]);
  assert.equal(refusal?.["source"], `${root}/docs/bad.md`);
  const statuses = events.filter((event) => event["type"] === "document").map((event) => String(event["status"]));
  assert.deepEqual(statuses.toSorted(), ["in", "in", "in", "in", "refused"]);
});

test("ingest ends with 3 when documents were refused, and errors lists each with its reason", async (t) => {
  const root = await folder(t, { "a.md": "# A\n", "b.md": "PK\u0003\u0004 not text \u0000\u0000" });
  const { status, stdout, stderr } = await runCommand(["ingest", "."], { cwd: root });
  assert.equal(status, 3);
  assert.match(stdout, /^1 refused; tsyncio errors lists them/m);
  assert.match(stderr, /^refused b\.md \(parse\): /m);
  const errors = await runCommand(["errors"], { cwd: root });
  assert.match(errors.stdout, /^b\.md\n {4}parse: /);
  await rm(`${root}/b.md`);
  assert.equal((await runCommand(["ingest", ".", "--prune"], { cwd: root })).status, 0);
  assert.equal((await runCommand(["errors"], { cwd: root })).stdout, "No document was refused.\n");
});

test("ingest of a path that is missing ends with 1 and names it; the other sources are in", async (t) => {
  const root = await folder(t, birds);
  const { status, stderr, stdout } = await runCommand(["ingest", "misspelt", "docs"], { cwd: root });
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /^Failed: 4 documents went in/m);
  assert.match(stderr, /^tsyncio: .*\/misspelt does not exist; expected a file, a folder or a glob/m);
  assert.doesNotMatch(stderr, /^ {4}at /m);
  const json = await runCommand(["ingest", "misspelt", "--json"], { cwd: root });
  assert.equal(json.status, 1);
  assert.deepEqual(jsonLines(json.stdout).at(-1)?.["type"], "failed");
});

test("ingest --prune removes what vanished, and --exclude leaves out what matches", async (t) => {
  const root = await folder(t, birds);
  await runCommand(["ingest", "docs", "--exclude", "*.txt"], { cwd: root });
  await rm(`${root}/docs/stork.md`);
  const { stdout } = await runCommand(["ingest", "docs", "--exclude", "*.txt", "--prune"], { cwd: root });
  assert.match(stdout, /^0 documents in as 0 chunks, 2 unchanged, 0 refused, 1 removed/);
});

test("a file larger than --max-size is refused with the option that allows it, and goes in with it", async (t) => {
  const root = await folder(t, { "big.txt": "A heron. ".repeat(300_000) });
  const refused = await runCommand(["ingest", "big.txt", "--max-size", "2MB", "--quiet"], { cwd: root });
  assert.equal(refused.status, 3);
  const errors = await runCommand(["errors", "--json"], { cwd: root });
  assert.match(errors.stdout, /2\.7 MB large, more than the limit of 2\.0 MB a document; --max-size/);
  const allowed = await runCommand(["ingest", "big.txt", "--max-size", "3MB"], { cwd: root });
  assert.equal(allowed.status, 0, allowed.stderr);
});

test("paths with spaces and other characters work, as sources and as stores", async (t) => {
  const root = await folder(t, { "mes docs é/héron gris.md": "# Héron\n\nLe héron attend.\n" });
  const store = `${root}/däs is/ein lager.db`;
  const ingested = await runCommand(["ingest", `${root}/mes docs é`, "--store", store]);
  assert.equal(ingested.status, 0, ingested.stderr);
  const found = await runCommand(["search", "héron", "--store", `sqlite:${store}`, "--json"]);
  const { hits } = jsonLines(found.stdout)[0] as { hits: { source: string }[] };
  assert.equal(hits[0]?.source, `${root}/mes docs é/héron gris.md`);
});

test("where the user may not write, ingest fails with the reason; with a store elsewhere it works", async (t) => {
  const root = await folder(t, birds);
  await mkdir(`${root}/elsewhere`);
  await chmod(`${root}/elsewhere`, 0o777);
  await chmod(root, 0o555);
  using _restored = restored(root, 0o755);
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const options = { cwd: root, ...nobody, env: { NODE_COMPILE_CACHE: "" } };
  const failed = await runCommand(["ingest", "docs"], options);
  assert.equal(failed.status, 1);
  assert.match(
    failed.stderr,
    /^tsyncio: the folder of sqlite:.* cannot be made \(EACCES.*Choose a path in a folder that this user may write to$/m,
  );
  assert.doesNotMatch(failed.stderr, /^ {4}at /m);
  const worked = await runCommand(["ingest", "docs", "--store", `${root}/elsewhere/index.db`], options);
  assert.equal(worked.status, 0, worked.stderr);
});

test("a file and a folder that may not be read are refused, and the others go in", async (t) => {
  const root = await folder(t, { ...birds, "docs/secret.md": "# S\n", "docs/closed/a.md": "# A\n" });
  await chmod(root, 0o755);
  await chmod(`${root}/docs/secret.md`, 0);
  await chmod(`${root}/docs/closed`, 0);
  using _restored = restored(`${root}/docs/closed`, 0o755);
  await mkdir(`${root}/out`);
  await chmod(`${root}/out`, 0o777);
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const options = { cwd: root, ...nobody, env: { NODE_COMPILE_CACHE: "" } };
  const { status, stdout } = await runCommand(["ingest", "docs", "--store", "out/index.db", "--json"], options);
  assert.equal(status, 3);
  const { documents, refused } = jsonLines(stdout).at(-1) as { documents: number; refused: Record<string, string>[] };
  assert.equal(documents, 4);
  assert.deepEqual(refused.map((one) => String(one["source"]).slice(root.length)).toSorted(), [
    "/docs/closed",
    "/docs/secret.md",
  ]);
  for (const { reason } of refused) assert.match(reason ?? "", /EACCES/);
});

test("ingest into what is no store fails and leaves it as it was", async (t) => {
  const root = await folder(t, birds);
  await writeFile(`${root}/precious.txt`, "x".repeat(5000));
  const { status, stderr } = await runCommand(["ingest", "docs", "--store", "precious.txt"], { cwd: root });
  assert.equal(status, 1);
  assert.match(stderr, /is not a SQLite database/);
  const postgres = await runCommand(["ingest", "docs", "--store", "postgres://me:secret@host/db"], { cwd: root });
  assert.equal(postgres.status, 1);
  assert.doesNotMatch(postgres.stderr, /secret/);
});

/** Gives a folder its permissions back, so that it can be removed. */
function restored(path: string, mode: number): Disposable {
  return { [Symbol.dispose]: () => chmodSync(path, mode) };
}
