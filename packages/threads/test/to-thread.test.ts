import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { expectTypeOf } from "expect-type";
import { threadModule, toThread } from "../src/index.ts";

const jobs = threadModule<typeof import("./jobs-child.ts")>("./jobs-child.ts", import.meta.url);

test("the common pool runs a function of a module, with the types of that function", async () => {
  const doubled = await toThread(jobs, "double", 4);
  expectTypeOf(doubled).toEqualTypeOf<number>();
  assert.equal(doubled, 8);
  const greeting = await toThread(jobs, "greet", "you");
  expectTypeOf(greeting).toEqualTypeOf<string>();
  expectTypeOf(toThread(jobs.url, "greet", "you")).toEqualTypeOf<Promise<unknown>>();
});

test("what cannot run in a thread is a type error, and an error that says what the module has", async () => {
  // @ts-expect-error -- no such function
  await assert.rejects(toThread(jobs, "treble", 4), /exports no function "treble"; it exports .*double, /);
  // @ts-expect-error -- not a function
  await assert.rejects(toThread(jobs, "version", undefined), /exports no function "version"/);
  // @ts-expect-error -- a wrong argument
  assert.ok(Number.isNaN(await toThread(jobs, "double", "four")));
  // @ts-expect-error -- a function of two arguments
  assert.ok(Number.isNaN(await toThread(jobs, "two", 1)));
});

test("an error arrives with its name, message, stack, cause and properties", async () => {
  await assert.rejects(toThread(jobs, "fail", 12), (error: Error & { code?: string; line?: number }) => {
    assert.equal(error.name, "ParserError");
    assert.equal(error.message, "unexpected end");
    assert.equal(error.code, "BAD_INPUT");
    assert.equal(error.line, 12);
    assert.match(error.stack ?? "", /at fail .*jobs-child\.ts/);
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.cause.message, "not a string");
    return true;
  });
});

test("a thrown value that is no error arrives as it is, or as text", async () => {
  for (const value of [null, undefined, 7, "text"]) {
    assert.deepEqual(await toThread(jobs, "throwValue", value).catch((error: unknown) => [error]), [value]);
  }
  assert.equal(await toThread(jobs, "throwValue", { a: 1 }).catch((error: unknown) => error), "{ a: 1 }");
});

test("a module that is missing or broken fails the call, and says why", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "threads-"));
  t.after(() => rm(folder, { recursive: true }));
  const missing = pathToFileURL(join(folder, "missing.mjs"));
  await assert.rejects(toThread(missing, "parse", 1), { code: "ERR_MODULE_NOT_FOUND" });
  const broken = join(folder, "broken.mjs");
  await writeFile(broken, "export function parse( {");
  await assert.rejects(toThread(pathToFileURL(broken), "parse", 1), SyntaxError);
  await assert.rejects(toThread("./worker.js", "parse", 1), /expected a module as a URL, such as new URL/);
});

test("a module named by its source means the build when the caller is the build", () => {
  const in_ = (specifier: `./${string}`, base: string): string => threadModule(specifier, base).url.href;
  assert.equal(in_("./a.ts", "file:///p/src/main.ts"), "file:///p/src/a.ts");
  assert.equal(in_("./a.ts", "file:///p/dist/main.js"), "file:///p/dist/a.js");
  assert.equal(in_("./a.mts", "file:///p/dist/main.mjs?x=1"), "file:///p/dist/a.mjs");
  assert.equal(in_("./a.js", "file:///p/src/main.ts"), "file:///p/src/a.js");
});
