import assert from "node:assert/strict";
import { test } from "node:test";
import { findLeftovers } from "../check-leftovers.ts";

const checkout = "/builds/someone/project";

test("the path of the checkout is found, with its line, as a path and as a URL", () => {
  const text = `first\nopen("${checkout}/src/a.ts")\nfile://${checkout}\n`;
  assert.deepEqual(findLeftovers("a.ts", text, checkout), [
    "a.ts:2: holds the path of this checkout",
    "a.ts:3: holds the path of this checkout",
  ]);
});

test("a longer name that begins like the checkout is not its path", () => {
  assert.deepEqual(findLeftovers("a.ts", `${checkout}-two/a.ts ${checkout}2`, checkout), []);
});

test("a checkout right under the root is not searched for, since its name is too short", () => {
  assert.deepEqual(findLeftovers("a.ts", 'route("/app/users")', "/app"), []);
});

test("a lock file that names a registry is found, and one that names a workspace is not", () => {
  const lock =
    '"resolved": "packages/cli",\n"resolved": "https://registry.example/a.tgz",\n"resolved": "git+ssh://git@host/a"';
  assert.deepEqual(
    findLeftovers("bench/package-lock.json", lock, checkout).map((complaint) => complaint.split(": ")[0]),
    ["bench/package-lock.json:2", "bench/package-lock.json:3"],
  );
  assert.deepEqual(findLeftovers("a.ts", lock, checkout), []);
});
