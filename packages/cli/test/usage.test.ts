import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { map } from "tsyncio";
import { buildProgram } from "../src/program.ts";
import { folder, runCommand } from "./run-command.ts";

test("wrong usage ends with 2, says what is wrong and how it is used, and does nothing", async (t) => {
  const root = await folder(t);
  const wrong: readonly { readonly args: readonly string[]; readonly message: RegExp }[] = [
    { args: ["inhale", "docs"], message: /^error: unknown command 'inhale'/ },
    { args: ["ingest", "--colour"], message: /^error: unknown option '--colour'[\s\S]*Usage: tsyncio ingest/ },
    { args: ["search"], message: /^error: missing required argument 'query'/ },
    { args: ["search", "x", "-k", "0"], message: /argument '0' is invalid\. Expected a whole number from 1/ },
    { args: ["search", "x", "--mode", "psychic"], message: /Allowed choices are hybrid, vector, text/ },
    { args: ["ingest", "--max-size", "lots"], message: /Expected a number of bytes/ },
  ];
  await map(wrong, async ({ args, message }) => {
    const { status, stdout, stderr } = await runCommand(args, { cwd: root });
    assert.deepEqual([status, stdout], [2, ""], args.join(" "));
    assert.match(stderr, message);
  });
  assert.deepEqual(await readdir(root), []);
});

test("without a command the help is shown, with status 2; asked for, it goes to the standard output with 0", async () => {
  const [bare, asked, ofCommand] = await Promise.all([
    runCommand([]),
    runCommand(["--help"]),
    runCommand(["help", "ingest"]),
  ]);
  assert.deepEqual([bare.status, asked.status, ofCommand.status], [2, 0, 0]);
  assert.match(bare.stderr, /^Usage: tsyncio/);
  assert.match(
    asked.stdout,
    /^Usage: tsyncio[\s\S]*Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but some were refused; 130\/143/,
  );
  assert.match(ofCommand.stdout, /^Usage: tsyncio ingest/);
});

test("every command and every option has a description", () => {
  const program = buildProgram(() => {});
  assert.deepEqual(
    program.commands.map((command) => command.name()),
    ["ingest", "search", "ask", "status", "errors", "reindex", "fetch"],
  );
  for (const command of program.commands) {
    assert.notEqual(command.description(), "", command.name());
    for (const option of command.options) assert.notEqual(option.description, "", `${command.name()} ${option.flags}`);
  }
});
