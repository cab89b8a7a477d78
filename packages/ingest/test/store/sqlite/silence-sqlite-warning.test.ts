import assert from "node:assert/strict";
import { test } from "node:test";
import { silenceSqliteWarning } from "../../../src/store/sqlite/silence-sqlite-warning.ts";

test("only the warning that SQLite is experimental is dropped", (context) => {
  const shown: unknown[] = [];
  context.mock.method(process, "emitWarning", (warning: unknown) => shown.push(warning));
  silenceSqliteWarning();
  process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
  process.emitWarning("Another is an experimental feature", "ExperimentalWarning");
  process.emitWarning("SQLite is too old", "Warning");
  assert.deepEqual(shown, ["Another is an experimental feature", "SQLite is too old"]);
});
