import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { birds, folder, launcher, runCommand } from "./run-command.ts";

const execute = promisify(execFile);

test("a reader that leaves early, as head does, ends the command quietly", async (t) => {
  const root = await folder(t, birds);
  await runCommand(["ingest", "docs"], { cwd: root });
  const tsyncio = `'${process.execPath}' '${launcher}'`;
  for (const command of ["search heron", "status --json", "ingest --json docs", "--help"]) {
    const { stderr } = await execute("bash", ["-c", `${tsyncio} ${command} | true`], { cwd: root });
    assert.equal(stderr, "", command);
  }
});

test(
  "on a terminal the stages are redrawn in place, and the end is what stays",
  {
    skip: !existsSync("/usr/bin/script") && "there is no script(1) here",
  },
  async (t) => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`docs/${n}.txt`, `heron ${n}`]));
    const root = await folder(t, { ...files, "docs/bad.md": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]) });
    const command = `stty cols 100 rows 40; '${process.execPath}' '${launcher}' ingest docs`;
    const { stdout } = await execute("script", ["-qec", command, "/dev/null"], {
      cwd: root,
      env: { ...process.env, TERM: "xterm" },
    }).catch((error: { code: number; stdout: string }) => {
      assert.equal(error.code, 3);
      return error;
    });
    const redraws = stdout.split("\u001B[9A\u001B[0J");
    assert.ok(redraws.length >= 3, stdout);
    assert.match(redraws[1] ?? "", /stage +done +in flight +waiting +rate +errors +time in it\r\n/);
    assert.match(redraws[1] ?? "", /\[[█░]{24}\] \d+ of \d+\+? /);
    assert.match(stdout, /refused docs\/bad\.md \(parse\): /);
    assert.match(redraws.at(-1) ?? "", /60 documents in as 60 chunks, 0 unchanged, 1 refused/);
  },
);
