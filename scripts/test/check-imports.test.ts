import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPackage } from "../check-imports.ts";

function check(name: string, sources: Record<string, string>): string[] {
  return checkPackage(name, new Map(Object.entries(sources)));
}

test("an import from a lower floor and from the same floor passes", () => {
  const complaints = check("tsyncio", {
    "errors.ts": "export class E extends Error {}",
    "kernel/loop.ts": 'import { E } from "../errors.ts"; export const loop = E;',
    "tasks/task.ts":
      'import { loop } from "../kernel/loop.ts"; import { f } from "./future.ts"; export const t = [loop, f];',
    "tasks/future.ts": "export const f = 1;",
  });
  assert.deepEqual(complaints, []);
});

test("an import from a higher floor is a complaint that names both floors", () => {
  const complaints = check("tsyncio", {
    "kernel/loop.ts": 'import { task } from "../tasks/task.ts"; export const loop = task;',
    "tasks/task.ts": "export const task = 1;",
  });
  assert.deepEqual(complaints, ["kernel/loop.ts: on floor 1 imports tasks/task.ts on floor 2"]);
});

const waysToImport = {
  "an import of a type": 'import type { Task } from "../tasks/task.ts"; export type T = Task;',
  "an inline import of a type": 'export type T = import("../tasks/task.ts").Task;',
  "the type of a module": 'export type T = typeof import("../tasks/task.ts");',
  "an import inside a function": 'export const load = () => import("../tasks/task.ts");',
  "a re-export": 'export { type Task } from "../tasks/task.ts";',
  "a re-export of everything": 'export * from "../tasks/task.ts";',
  "an import for its effect": 'import "../tasks/task.ts";',
  "an import written over several lines":
    'import {\n  type Task, // "../errors.ts"\n} from\n  "../tasks/task.ts";\nexport type T = Task;',
};
for (const [way, text] of Object.entries(waysToImport)) {
  test(`${way} counts for the floors`, () => {
    const complaints = check("tsyncio", { "kernel/loop.ts": text, "tasks/task.ts": "export type Task = 1;" });
    assert.deepEqual(complaints, ["kernel/loop.ts: on floor 1 imports tasks/task.ts on floor 2"]);
  });
}

test("text that only looks like an import does not count", () => {
  const text = [
    '// import { task } from "../tasks/task.ts";',
    "export const a = 'import \"../tasks/task.ts\"';",
    'export const b = `${1} import "../tasks/task.ts"`;',
  ].join("\n");
  assert.deepEqual(check("tsyncio", { "kernel/loop.ts": text }), []);
});

test("a file on no floor is a complaint", () => {
  const [complaint, ...others] = check("tsyncio", { "helpers/misc.ts": "export const a = 1;" });
  assert.match(String(complaint), /^helpers\/misc\.ts: stands on no floor/);
  assert.deepEqual(others, []);
});

test("an entry file that does more than export by name is a complaint", () => {
  const task = { "tasks/task.ts": "export const task = 1;" };
  const entry = 'export { task } from "./tasks/task.ts"; export type { Task } from "./tasks/task.ts";';
  assert.deepEqual(check("tsyncio", { ...task, "index.ts": entry }), []);
  for (const extra of ["export const a = 1;", "console.log(1);", 'export * from "./tasks/task.ts";']) {
    assert.deepEqual(check("tsyncio", { ...task, "index.ts": `${entry}\n${extra}` }), [
      "index.ts: an entry file may only export by name",
    ]);
  }
});

test("a circle is reported with its way, also one of types only and one of a file with itself", () => {
  const complaints = check("@tsyncio/http", {
    "a.ts": 'import type { B } from "./b.ts"; export type A = B;',
    "b.ts": 'import type { C } from "./deep/c.ts"; export type B = C;',
    "deep/c.ts": 'import type { A } from "../a.ts"; export type C = A;',
    "self.ts": 'import type { S } from "./self.ts"; export type S = string; export type T = S;',
  });
  assert.deepEqual(complaints, [
    "a.ts: imports in a circle: a.ts -> b.ts -> deep/c.ts -> a.ts",
    "self.ts: imports in a circle: self.ts -> self.ts",
  ]);
});

test("two ways to the same file are no circle", () => {
  const complaints = check("@tsyncio/http", {
    "a.ts": 'export { b } from "./b.ts"; export { c } from "./c.ts";',
    "b.ts": 'import { d } from "./d.ts"; export const b = d;',
    "c.ts": 'import { d } from "./d.ts"; export const c = d;',
    "d.ts": "export const d = 1;",
  });
  assert.deepEqual(complaints, []);
});

test("a package may import Node, its own libraries and the packages on its line, by any subpath", () => {
  const text = 'import "node:fs"; import "fs/promises"; import "undici"; import "tsyncio"; import "tsyncio/flow";';
  assert.deepEqual(check("@tsyncio/http", { "a.ts": text }), []);
});

test("a package may not import what is not on its line", () => {
  assert.deepEqual(check("tsyncio", { "kernel/a.ts": 'import "undici";' }), [
    "kernel/a.ts: tsyncio may not import undici",
  ]);
  assert.deepEqual(check("@tsyncio/http", { "a.ts": 'import "@tsyncio/ingest"; import "piscina/deep";' }), [
    "a.ts: @tsyncio/http may not import @tsyncio/ingest",
    "a.ts: @tsyncio/http may not import piscina",
  ]);
  assert.deepEqual(check("@tsyncio/ingest", { "a.ts": 'import "@tsyncio/cli"; import "htmlparser2";' }), [
    "a.ts: @tsyncio/ingest may not import @tsyncio/cli",
  ]);
});

test("a relative import that leaves the package or meets no file is a complaint", () => {
  assert.deepEqual(check("@tsyncio/http", { "a.ts": 'import "../../tsyncio/src/index.ts"; import "./b.js";' }), [
    "a.ts: imports ../../tsyncio/src/index.ts, which is not a source file of its package",
    "a.ts: imports b.js, which is not a source file of its package",
  ]);
});

test("a package that the table does not know is a complaint", () => {
  const [complaint] = check("@tsyncio/new", { "a.ts": "export const a = 1;" });
  assert.match(String(complaint), /@tsyncio\/new is not in the table/);
});

test("a file that does not parse is an error that names it", () => {
  assert.throws(() => check("@tsyncio/http", { "a.ts": "import {" }), /^Error: a\.ts does not parse/);
});
