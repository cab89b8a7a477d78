import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { moveOnAfter, run } from "tsyncio";
import { simulate } from "tsyncio/testing";
import { exampleModules, missingExamples } from "../examples/all-examples.ts";
import { compileExamples } from "../examples/compile.ts";
import { promisedOutput } from "../examples/example.ts";

const folder = await mkdtemp(path.join(tmpdir(), "tsyncio-examples-"));
after(() => rm(folder, { recursive: true, force: true }));
const compiled = await compileExamples(exampleModules(), folder);

test("every public name has a doc comment and an example, or is a type that links to the name that has it", () => {
  assert.equal(missingExamples().join("\n"), "", "node scripts/check-examples.ts says what to do");
});

test("every example compiles", () => {
  const complaints = compiled.flatMap(({ complaints }) => complaints);
  assert.equal(complaints.join("\n"), "");
});

for (const { example, path: module } of compiled) {
  test(`the example at ${example.file}:${example.line} runs, and prints what it says`, async () => {
    const { example: body } = (await import(pathToFileURL(module).href)) as {
      example: (console: object) => Promise<void>;
    };
    const printed: string[] = [];
    const print = (...values: unknown[]): void => void printed.push(...format(...values).split("\n"));
    const main = async (): Promise<"ended"> => {
      await body({ log: print, error: print });
      return "ended";
    };
    // What examines simulations cannot run inside one.
    const examines = /\b(simulated?|explored?)\(/.test(example.code);
    const ending = examines ? run(main) : simulate(() => moveOnAfter("24h", main));
    assert.equal(await ending, "ended", "it did not end within a day of virtual time");
    for (const output of promisedOutput(example.code)) {
      assert.ok(printed.includes(output), `it says that it prints ${output}; it printed:\n${printed.join("\n")}`);
    }
  });
}
