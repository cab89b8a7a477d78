import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { moveOnAfter, run } from "tsyncio";
import { simulate } from "tsyncio/testing";
import { compileExamples } from "../examples/compile.ts";
import { type Example, examplesOf, examplesOn, promisedOutput } from "../examples/example.ts";
import { exampleModule } from "../examples/example-module.ts";
import * as world from "../examples/world.ts";
import { entryFiles, type PublicName, publicNames } from "../public-api/public-names.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The pages of which every block of TypeScript is a file, or an example that is run here. */
const PAGES = ["packages/tsyncio/README.md"];

const names = [...entryFiles(path.join(root, "packages/tsyncio"))].flatMap(([entry, file]) => publicNames(entry, file));
const inComments = names.map((name) => ({ name, examples: examplesOfName(name) }));
const onPages = PAGES.flatMap((page) => examplesOn(path.join(root, page), readFileSync(path.join(root, page), "utf8")));

const origins = new Map([
  ...Object.keys(world).map((name) => [name, { from: path.join(root, "scripts/examples/world.ts") }] as const),
  ...names.map(({ name, entry, typeOnly }) => [name, { from: entry, typeOnly }] as const),
]);

const folder = await mkdtemp(path.join(tmpdir(), "tsyncio-examples-"));
after(() => rm(folder, { recursive: true, force: true }));
const all = [...inComments.flatMap(({ examples }) => examples), ...onPages];
const compiled = await compileExamples(
  all.map((example) => exampleModule(example, origins)),
  folder,
);

function examplesOfName({ home }: PublicName): Example[] {
  return home === undefined ? [] : examplesOf(home.module, home.declaration);
}

test("every public name has a doc comment", () => {
  const without = names.filter(({ home }) => home?.declaration.doc === undefined);
  assert.deepEqual(
    without.map(described),
    [],
    "write what it does, when it waits, what a cancellation does, its errors",
  );
});

test("every public name has an example, or is a type whose comment links to the name that has it", () => {
  const shown = new Set(inComments.filter(({ examples }) => examples.length > 0).map(({ name }) => name.name));
  const without = inComments.filter(({ name, examples }) => {
    if (examples.length > 0) return false;
    const links = [...(name.home?.declaration.doc?.value ?? "").matchAll(/\{@link (\w+)/gu)];
    return !(name.typeOnly && links.some(([, target = ""]) => shown.has(target)));
  });
  assert.deepEqual(
    without.map(({ name }) => described(name)),
    [],
    "show a short use in its doc comment, as an indented block; what that takes as given is in scripts/examples/world.ts",
  );
});

function described({ entry, name, home }: PublicName): string {
  return `${name} of ${entry}${home === undefined ? "" : `, in ${path.relative(root, home.module.file)}`}`;
}

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
    const ending = /\b(simulated?|explored?)\(/u.test(example.code)
      ? run(main)
      : simulate(() => moveOnAfter("24h", main));
    assert.equal(await ending, "ended", "it did not end within a day of virtual time");
    for (const output of promisedOutput(example.code)) {
      assert.ok(printed.includes(output), `it says that it prints ${output}; it printed:\n${printed.join("\n")}`);
    }
  });
}
