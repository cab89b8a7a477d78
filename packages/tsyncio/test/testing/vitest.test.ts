import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const fixture = fileURLToPath(new URL("../fixtures/vitest", import.meta.url));
const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

describe("under Vitest", () => {
  let folder = "";
  let results: ReadonlyMap<string, { readonly status: string; readonly messages: string }>;

  /** Vitest is installed outside the workspaces, from a lock file of its own: nothing else here needs it. */
  before(
    async () => {
      folder = await mkdtemp(path.join(tmpdir(), "tsyncio-vitest-"));
      await cp(fixture, folder, { recursive: true });
      const { INIT_CWD: _, ...rest } = process.env;
      const env = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith("npm_")));
      await execute("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: folder, env });
      await symlink(packageFolder, path.join(folder, "node_modules/tsyncio"));
      const vitest = path.join(folder, "node_modules/vitest/vitest.mjs");
      const options = ["run", "--reporter=json", "--outputFile=report.json"];
      // It fails: some of the tests do.
      await execute(process.execPath, [vitest, ...options], { cwd: folder, env }).catch(() => {});
      const report = JSON.parse(await readFile(path.join(folder, "report.json"), "utf8")) as Report;
      results = new Map(
        report.testResults
          .flatMap(({ assertionResults }) => assertionResults)
          .map(({ title, status, failureMessages }) => [title, { status, messages: failureMessages.join("\n") }]),
      );
    },
    { timeout: 110_000 },
  );
  after(() => rm(folder, { recursive: true, force: true }));

  for (const title of [
    "virtual time",
    "what Vitest hands to a test arrives",
    "nothing is left behind",
    "a task is left behind",
    "and then cleans up",
  ]) {
    test(`${title}: passes`, () => {
      assert.deepEqual(results.get(title), { status: "passed", messages: "" });
    });
  }

  test("a failed exploration tells how to replay it", () => {
    const result = results.get("an update is lost");
    assert.equal(result?.status, "failed");
    assert.match(result?.messages ?? "", /replay it with simulate\(main, \{ seed: \d+ \}\), or with TSYNCIO_SEED=\d+/);
  });

  test("a test that Vitest gives up fails, and is cancelled", () => {
    assert.equal(results.get("a test that Vitest gives up")?.status, "failed");
    assert.match(results.get("a test that Vitest gives up")?.messages ?? "", /timed out/);
  });
});
