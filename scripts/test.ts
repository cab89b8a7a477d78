/**
 * `npm test [-- [FILE…] [OPTION…]]`: runs the tests of every package, of the examples and of the scripts.
 *
 * A FILE is any part of a test file's path: `npm test -- kernel/timers` runs what matches. Options go to Node's test runner:
 * `npm test -- --test-name-pattern="a timeout"`. The exit status is the runner's.
 *
 * The condition that resolves packages to their sources goes into NODE_OPTIONS, not onto the command line, because it must
 * also reach the worker threads and the processes that tests start. A test of the packed packages takes it out again.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const PATTERNS = ["packages/*/test/**/*.test.ts", "examples/test/**/*.test.ts", "scripts/test/**/*.test.ts"];
const CONDITION = "--conditions=@tsyncio/source";
const TEST_LIMIT = 120_000;
const RUN_LIMIT = 12 * 60_000;

/** The runner's options that take a value, which must not be taken for a file when they are written with a space. */
const VALUED = [
  "concurrency",
  "isolation",
  "name-pattern",
  "reporter",
  "reporter-destination",
  "shard",
  "skip-pattern",
  "timeout",
];

const { files, options } = readArguments(process.argv.slice(2));
const defaults = { "--test-concurrency": 2, "--test-timeout": TEST_LIMIT, "--test-reporter": "spec" };
const flags = Object.entries(defaults)
  .filter(([name]) => !options.some((option) => option.startsWith(`${name}=`)))
  .map(([name, value]) => `${name}=${value}`);

const runner = spawn(process.execPath, ["--test", ...flags, ...options, ...files], {
  stdio: "inherit",
  timeout: RUN_LIMIT,
  env: { ...process.env, NODE_OPTIONS: withCondition(process.env["NODE_OPTIONS"]) },
});
runner.on("exit", (code, signal) => {
  if (signal !== null)
    console.error(`The tests were ended by ${signal}; a whole run may take ${RUN_LIMIT / 60_000} minutes.`);
  process.exitCode = code ?? 1;
});

function readArguments(args: string[]): { files: string[]; options: string[] } {
  const valued = VALUED.map((name) => [`test-${name}`, { type: "string", multiple: true }] as const);
  const { tokens, positionals } = parseArgs({
    args,
    options: Object.fromEntries(valued),
    strict: false,
    tokens: true,
  });
  const options = tokens
    .filter((token) => token.kind === "option")
    .map((token) => (token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`));
  return { files: findTests(positionals), options };
}

function findTests(wanted: string[]): string[] {
  const all = globSync(PATTERNS).toSorted();
  const parts = wanted.map((part) => path.relative("", path.resolve(part)));
  const files = all.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  if (files.length === 0) {
    console.error(
      `No test file matches ${wanted.join(" or ")}. Expected a part of a path, such as "tsyncio/test/kernel".`,
    );
    process.exit(2);
  }
  return files;
}

function withCondition(given: string | undefined): string {
  if (given?.includes(CONDITION)) return given;
  return given ? `${given} ${CONDITION}` : CONDITION;
}
