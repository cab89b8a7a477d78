import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);

interface Report {
  readonly saved: number;
  readonly underWay: number;
  readonly mostAtOnce: number;
  readonly refused: number;
}

/** Runs one of the steps against an API of the given behaviour; the second report is of half a second later. */
async function runStep(step: string, behaviour: string): Promise<{ ending: string; reports: Report[] }> {
  const path = fileURLToPath(new URL(`../blocking-to-concurrent/${step}.ts`, import.meta.url));
  const { stdout } = await execute(process.execPath, ["--conditions=@tsyncio/source", path, behaviour]);
  const pattern = /saved (\d+) of 100; requests under way (\d+), at most (\d+) at once, (\d+) refused/g;
  const reports = [...stdout.matchAll(pattern)].map(([, ...numbers]) => {
    const [saved = 0, underWay = 0, mostAtOnce = 0, refused = 0] = numbers.map(Number);
    return { saved, underWay, mostAtOnce, refused };
  });
  return { ending: stdout.slice(0, stdout.indexOf(" after ")), reports };
}

test("the blocking step has one request under way at a time", async () => {
  const { ending, reports } = await runStep("blocking", "well");
  assert.equal(ending, "done");
  assert.deepEqual(reports, [{ saved: 100, underWay: 0, mostAtOnce: 1, refused: 0 }]);
});

test("the naive step saves everything as long as all goes well", async () => {
  const { ending, reports } = await runStep("naive", "well");
  assert.equal(ending, "done");
  assert.equal(reports[0]?.saved, 100);
});

test("the naive step goes on after it has failed", async () => {
  const { ending, reports } = await runStep("naive", "failure");
  assert.equal(ending, "failed (the API answered 500)");
  const [atFailure, later] = reports;
  assert.ok((later?.saved ?? 0) > (atFailure?.saved ?? 0));
});

for (const behaviour of ["well", "busy"]) {
  test(`the concurrent step saves everything with at most twenty requests at once: ${behaviour}`, async () => {
    const { ending, reports } = await runStep("concurrent", behaviour);
    assert.equal(ending, "done");
    assert.equal(reports[0]?.saved, 100);
    assert.ok((reports[0]?.mostAtOnce ?? 0) <= 20);
  });
}

const failures = { failure: "failed (the API answered 500)", hang: "failed (timeout(5s) expired)" };
for (const [behaviour, expected] of Object.entries(failures)) {
  test(`the concurrent step has stopped when it has failed: ${behaviour}`, async () => {
    const { ending, reports } = await runStep("concurrent", behaviour);
    assert.equal(ending, expected);
    const [atFailure, later] = reports;
    assert.equal(later?.saved, atFailure?.saved);
    assert.equal(later?.underWay, 0);
  });
}
