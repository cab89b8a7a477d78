import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { entryFiles, publicNames } from "../public-api/public-names.ts";

const folder = fileURLToPath(new URL("../../packages/tsyncio", import.meta.url));
const entries = [...entryFiles(folder)].map(([entry, file]) => ({ entry, names: publicNames(entry, file) }));

test("every entry of tsyncio exports names", () => {
  assert.deepEqual(
    entries.filter(({ names }) => names.length === 0).map(({ entry }) => entry),
    [],
  );
});

test("every public name of tsyncio is exported by exactly one entry", () => {
  const byName = Map.groupBy(
    entries.flatMap(({ names }) => names),
    ({ name }) => name,
  );
  const twice = [...byName].filter(([, exported]) => exported.length > 1);
  assert.deepEqual(
    twice.map(([name, exported]) => `${name}: ${exported.map(({ entry }) => entry).join(", ")}`),
    [],
    "a name has one home; take it out of the others",
  );
});

test("nothing is exported under two names, and nothing that another package declares", () => {
  const homes = new Map<object, string>();
  const complaints: string[] = [];
  for (const { name, entry, home } of entries.flatMap(({ names }) => names)) {
    if (home === undefined) complaints.push(`${name} of ${entry} is not declared in this package`);
    else if (homes.has(home.declaration)) complaints.push(`${name} of ${entry} is also ${homes.get(home.declaration)}`);
    else homes.set(home.declaration, `${name} of ${entry}`);
  }
  assert.deepEqual(complaints, []);
});
