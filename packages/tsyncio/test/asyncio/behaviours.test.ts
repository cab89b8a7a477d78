import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Behaviour, CpythonFile } from "./behaviour.ts";
import { catalogue } from "./catalogue.ts";
import { citationsIn, readCitations } from "./citations.ts";
import { pageUrl, renderPage } from "./page.ts";

const citations = readCitations();
const cited = new Set(citations.counts.keys());

function namesOf(file: CpythonFile, wanted: (behaviour: Behaviour) => boolean = () => true): string[] {
  return file.behaviours.filter(wanted).flatMap(({ tests }) => tests.map((name) => `${file.name}: ${name}`));
}

describe("the catalogue of asyncio's behaviours", () => {
  test("is what the page says", () => {
    const page = existsSync(pageUrl) ? readFileSync(pageUrl, "utf8") : "";
    assert.ok(
      page === renderPage(catalogue, citations),
      "node scripts/sync-asyncio-behaviours.ts brings the page up to date",
    );
  });

  test("has, for each of CPython's tests that is not left out, a test here that names it", () => {
    const mirrored = catalogue.flatMap((file) => namesOf(file, ({ here }) => here !== "left out"));
    assert.deepEqual(
      mirrored.filter((name) => !cited.has(name)),
      [],
    );
  });

  test("has every test of CPython that a title names, as one that is not left out", () => {
    const mirrored = new Set(catalogue.flatMap((file) => namesOf(file, ({ here }) => here !== "left out")));
    assert.deepEqual(
      [...cited].filter((name) => !mirrored.has(name)),
      [],
    );
  });

  test("names each file of CPython once, and its tests as CPython does", () => {
    const files = catalogue.map(({ name }) => name);
    assert.deepEqual(files, [...new Set(files)]);
    for (const file of catalogue) {
      assert.match(file.name, /^test_\w+$/u);
      for (const behaviour of file.behaviours) {
        assert.notEqual(behaviour.tests.length, 0, behaviour.behaviour);
        for (const name of behaviour.tests) assert.match(name, /^(test_\w+|gh-\d+)$/u);
      }
    }
  });

  test("is made of whole sentences", () => {
    for (const behaviour of catalogue.flatMap(({ behaviours }) => behaviours)) {
      assert.match(behaviour.behaviour, /^[A-Z`].*\.$/u);
      if (behaviour.here !== "same") assert.match(behaviour.reason, /^[A-Z`].*\.$/u);
    }
  });
});

describe("citations", () => {
  test("stand in brackets at the end of a title, of one file or of several", () => {
    const title = '"a title [test_a: test_x, test_y; test_b: test_x]"';
    assert.deepEqual(citationsIn([`${title}, \`another [test_a: test_x]\``, '"none (test_a: test_z)"']), {
      counts: new Map([
        ["test_a: test_x", 2],
        ["test_a: test_y", 1],
        ["test_b: test_x", 1],
      ]),
      titles: new Map([
        ["test_a", 2],
        ["test_b", 1],
      ]),
    });
  });
});
