import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { exampleSearches } from "../src/example-searches.ts";
import { folder } from "./run-command.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));

test("npm start ingests the documentation of the dependencies, finds the pages named in advance, and does nothing twice", async (t) => {
  const root = await folder(t);
  // The project seen from another folder, so that its own store stays as it is.
  for (const name of ["node_modules", "packages", "docs", "CONTRIBUTING.md"])
    await symlink(project + name, `${root}/${name}`);
  const start = (): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, ["--conditions=@tsyncio/source", `${project}scripts/start.ts`], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
    });

  const first = await start();
  const [, documents = 0, chunks = 0] = (
    /^(\d+) documents in as (\d+) chunks, 0 unchanged, 0 refused, in /m.exec(first.stdout) ?? []
  ).map(Number);
  assert.ok(documents > 300 && chunks > documents, first.stdout);
  assert.match(first.stdout, /^stage +done +in flight/m);
  const searches = first.stdout.split("$ tsyncio search ").slice(1);
  assert.equal(searches.length, exampleSearches.length);
  for (const [index, { query, page }] of exampleSearches.entries()) {
    const [command, , title, where] = searches[index]?.split("\n") ?? [];
    assert.equal(command, `'${query}' -k 2`);
    assert.match(title ?? "", /^1\. \S/);
    assert.equal(where?.trim().split("  ")[0], page, query);
  }

  const second = await start();
  assert.match(second.stdout, new RegExp(`^0 documents in as 0 chunks, ${documents} unchanged, 0 refused, in `, "m"));
  assert.doesNotMatch(second.stdout, /^stage +done/m);
  assert.doesNotMatch(first.stderr + second.stderr, /Warning|warning|^ {4}at /m);
});
