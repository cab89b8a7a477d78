import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);

async function outputOf(name: string): Promise<string[]> {
  const path = fileURLToPath(new URL(`../guide/${name}.ts`, import.meta.url));
  const { stdout, stderr } = await exec(process.execPath, ["--conditions=@tsyncio/source", path]);
  assert.equal(stderr, "");
  return stdout.trimEnd().split("\n");
}

test("guide/event-loop: the workers take turns, and the computation lets them", async () => {
  const lines = await outputOf("event-loop");
  const workers = lines.filter((line) => !line.startsWith("sum"));
  assert.deepEqual(workers, ["a: step 1", "b: step 1", "a: step 2", "b: step 2"]);
  assert.ok(lines.includes("sum: 4499998500000"));
});

test("guide/coroutines: a call runs when it is awaited, or when a task runs it", async () => {
  const expected = ["made, not started", "hello, Ada", "3", "scheduled", "hello, Grace", "5"];
  assert.deepEqual(await outputOf("coroutines"), expected);
});

test("guide/async-await: a timeout stops the work, and its clean-up runs first", async () => {
  const expected = ["closed 1", "document 1", "closed 2", "timeout(50ms) expired"];
  assert.deepEqual(await outputOf("async-await"), expected);
});

test("guide/tasks: the first failure cancels the others before it is thrown", async () => {
  const expected = ["a is here", "a has ended", "b has ended", "c has ended", "b is gone"];
  assert.deepEqual(await outputOf("tasks"), expected);
});

test("guide/futures: a cancelled wait leaves no listener behind", async () => {
  assert.deepEqual(await outputOf("futures"), ["left", "nobody pressed", "0"]);
});
