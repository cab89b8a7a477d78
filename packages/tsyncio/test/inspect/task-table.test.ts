import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatTaskTable } from "tsyncio/inspect";
import { picture, type Sketch } from "./pictures.ts";

const header = ["thread", "id", "name", "state", "waits for", "stack", "awaiter", "awaiter id", "awaiter stack"];

/** The cells of each line. */
function table(...sketches: readonly Sketch[]): readonly (readonly string[])[] {
  const [titles = "", rule = "", ...rows] = formatTaskTable(picture(...sketches)).split("\n");
  const starts = [...rule.matchAll(/-+/g)].map(({ index }) => index);
  return [titles, ...rows].map((line) => starts.map((start, column) => line.slice(start, starts[column + 1]).trim()));
}

describe("the table of tasks", () => {
  test("of a snapshot without tasks is its header [test_tools: test_empty_input_table]", () => {
    assert.deepEqual(table(), [header]);
  });

  test("has a row for each task that nobody awaits [test_tools: test_only_independent_tasks_table]", () => {
    const foreign = "(awaits something that tsyncio does not know)";
    assert.deepEqual(table({ id: 1 }, { id: 2, name: "worker" }), [
      header,
      ["7", "1", "Task-1", "foreign", foreign, "", "", "", ""],
      ["7", "2", "worker", "foreign", foreign, "", "", "", ""],
    ]);
  });

  test("has thread, id, name, state, stack and the awaiter [test_tools: test_table_output_format]", () => {
    const rows = table(
      { id: 1, name: "main", awaits: [2], functions: ["body", "main"] },
      { id: 2, functions: ["load"] },
    );
    assert.deepEqual(rows, [
      header,
      ["7", "1", "main", "waiting", "Task-2, for 1.5 s", "body -> main", "", "", ""],
      ["7", "2", "Task-2", "waiting", "sleep(1h), for 1.5 s", "load", "main", "1", "body -> main"],
    ]);
  });

  test("has one row also for a task that several await [test_tools: test_complex_table]", () => {
    const rows = table({ id: 1, awaits: [3] }, { id: 2, awaits: [3] }, { id: 3 });
    assert.deepEqual(rows[3]?.slice(6, 8), ["Task-1, Task-2", "1, 2"]);
    assert.equal(rows.length, 4);
  });

  test("is not disturbed by cycles [test_tools: test_cycle_detection, test_task_awaits_self]", () => {
    const rows = table({ id: 1, awaits: [2] }, { id: 2, awaits: [1] }, { id: 3, awaits: [3] });
    assert.deepEqual(
      rows.slice(1).map((row) => [row[1], row[7]]),
      [
        ["1", "2"],
        ["2", "1"],
        ["3", "3"],
      ],
    );
  });

  test("takes an awaited task that it does not know [test_tools: test_task_with_missing_awaiter_id]", () => {
    assert.deepEqual(table({ id: 1, awaits: [99] })[1]?.slice(0, 5), [
      "7",
      "1",
      "Task-1",
      "waiting",
      "Task-99, for 1.5 s",
    ]);
  });
});
