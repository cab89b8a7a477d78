import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const checkout = path.join(packageFolder, "../..");

/** What is given to each line of a program below. */
const given = `
  import * as asyncio from "tsyncio";
  import { createTask, gather, map, Queue, race, run, select, shield, sleep, taskGroup, timeout, wait, waitFor }
    from "tsyncio";
  const load = async (): Promise<number> => 1;
  const task = createTask(load);
  const queue = new Queue<number>();
  void [asyncio, gather, map, race, run, select, shield, sleep, taskGroup, timeout, wait, waitFor, task, queue];`;

const promise = 'A promise already runs and cannot be cancelled: pass () => f(), or declare f with coroutine()"';

/** Likely misuses, and what the compiler says. */
const misuses: Readonly<Record<string, string>> = {
  "await gather([load, load()]);": promise,
  "await gather([load()], { settled: true });": promise,
  "await race([load(), load]);": promise,
  "await asyncio.firstSuccess([load()]);": promise,
  'await waitFor(load(), "1s");': promise,
  "await shield(load());": promise,
  "asyncio.asCompleted([load()]);": promise,
  "await run(load());":
    "'Promise<number>' is not assignable to parameter of type 'Coroutine<unknown> | (() => unknown)'",
  "createTask(load());":
    "'Promise<number>' is not assignable to parameter of type 'Coroutine<unknown> | (() => unknown)'",
  "await taskGroup((group) => group.createTask(load()).then());":
    "'Promise<number>' is not assignable to parameter of type 'Coroutine<unknown> | (() => unknown)'",
  'await timeout("1s", load());':
    "'Promise<number>' is not assignable to parameter of type '(timeout: Timeout) => unknown'",
  "await map([1], load());":
    "'Promise<number>' is not assignable to parameter of type '(item: number, index: number) => unknown'",
  'await sleep("1d");': `'"1d"' is not assignable to parameter of type 'Duration'`,
  'await sleep("ten seconds");': `'"ten seconds"' is not assignable to parameter of type 'Duration'`,
  "await sleep(new Date());": "'Date' is not assignable to parameter of type 'Duration'",
  'await timeout("10sec", load);': `'"10sec"' is not assignable to parameter of type 'Duration`,
  'await queue.put("a");': "'string' is not assignable to parameter of type 'number'",
  "queue.putNowait(task);": "'Task<number>' is not assignable to parameter of type 'number'",
  "const text: string = await queue.get();": "Type 'number' is not assignable to type 'string'",
  "await select({ a: load() });": "missing in type 'Promise<number>' but required in type 'Selectable<unknown>'",
  "await wait([load]);":
    "'(() => Promise<number>)[]' is not assignable to parameter of type 'Iterable<Outcome<unknown>>'",
  "await map(5, load);": "'number' is not assignable to parameter of type 'AnyIterable<unknown>'",
  "await task.result().then();": "Property 'then' does not exist on type 'number'",
  'await taskGroup(load, { onError: "ignore" });': `Type '"ignore"' is not assignable to type '"cancel" | "continue" | undefined'`,
  'asyncio.getRunningLoop().callLater(load, "1s");': "is not assignable to parameter of type 'Duration'",
};

/** One compilation for all: the complaints by file. */
function compile(folder: string): Promise<string> {
  return new Promise((resolve) => {
    const tsc = path.join(checkout, "node_modules/typescript/bin/tsc");
    execFile(process.execPath, [tsc, "--pretty", "false", "-p", folder], { cwd: folder }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

describe("the compiler says what is wrong with", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tsyncio-messages-"));
  let complaints: readonly string[] = [];
  before(async () => {
    mkdirSync(path.join(folder, "node_modules"));
    symlinkSync(packageFolder, path.join(folder, "node_modules/tsyncio"));
    writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
    const configuration = {
      extends: path.join(checkout, "tsconfig.base.json"),
      compilerOptions: {
        noEmit: true,
        allowImportingTsExtensions: true,
        noUnusedLocals: false,
        typeRoots: [path.join(checkout, "node_modules/@types")],
      },
    };
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(configuration));
    writeFileSync(path.join(folder, "correct.ts"), `${given}\nawait gather([load, task]);`);
    for (const [index, code] of Object.keys(misuses).entries()) {
      writeFileSync(path.join(folder, `misuse-${index}.ts`), `${given}\n${code}`);
    }
    // A complaint is a line, and those below it that are indented.
    complaints = (await compile(folder)).trimEnd().split(/\n(?! )/);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [index, [code, message]] of Object.entries(misuses).entries()) {
    test(code, () => {
      const own = complaints.filter((line) => line.startsWith(`misuse-${index}.ts(`));
      assert.equal(own.length, 1, own.join("\n"));
      assert.ok(own[0]?.includes(message) === true, own[0] ?? code);
    });
  }

  test("nothing else", () => {
    assert.deepEqual(
      complaints.filter((line) => !line.startsWith("misuse-")),
      [],
    );
  });
});
