import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gather, run, sleep, sleepForever, taskGroup } from "tsyncio";
import { formatTaskTree, snapshot } from "tsyncio/inspect";
import { picture, type Sketch } from "./pictures.ts";

/** The drawn lines. */
function tree(...sketches: readonly Sketch[]): readonly string[] {
  return formatTaskTree(picture(...sketches)).split("\n");
}

describe("the tree of tasks", () => {
  test("of a snapshot without tasks is empty [test_tools: test_empty_input_tree]", () => {
    assert.equal(formatTaskTree(picture()), "");
  });

  test("of a single task is a line, and its wait [test_tools: test_single_task_tree]", () => {
    assert.deepEqual(tree({ id: 1, functions: [] }), ["└── (T) Task-1", "    └── sleep(1h), for 1.5 s"]);
  });

  test("has a root for each task that nobody awaits [test_tools: test_only_independent_tasks_tree]", () => {
    assert.deepEqual(tree({ id: 1 }, { id: 2, name: "worker" }), [
      "└── (T) Task-1 (awaits something that tsyncio does not know)",
      "└── (T) worker #2 (awaits something that tsyncio does not know)",
    ]);
  });

  test("draws a task under what awaits it, by way of the functions [test_tools: test_complex_tree]", () => {
    assert.deepEqual(
      tree(
        { id: 1, name: "main", awaits: [2, 3], functions: ["body", "main"] },
        { id: 2, awaits: [4], functions: [] },
        { id: 3, awaits: [4], functions: [] },
        { id: 4, functions: ["load"] },
      ),
      [
        "└── (T) main #1",
        "    └── main (/app.ts:11:3)",
        "        └── body (/app.ts:10:3)",
        "            └── Task-2 and Task-3, for 1.5 s",
        "                ├── (T) Task-2",
        "                │   └── Task-4, for 1.5 s",
        "                │       └── (T) Task-4",
        "                │           └── load (/app.ts:10:3)",
        "                │               └── sleep(1h), for 1.5 s",
        "                └── (T) Task-3",
        "                    └── Task-4, for 1.5 s",
        "                        └── (T) Task-4 (see above)",
      ],
    );
  });

  test("keeps the order of a deep chain of functions [test_tools: test_deep_coroutine_chain]", () => {
    const functions = Array.from({ length: 5 }, (_, index) => `f${index}`);
    const lines = tree({ id: 1, awaits: [2], functions }, { id: 2 });
    assert.deepEqual(
      lines.map((line) => line.replace(/^[ └─]*/, "").replace(/ \(.*/, "")),
      ["(T) Task-1", "f4", "f3", "f2", "f1", "f0", "Task-2, for 1.5 s", "(T) Task-2"],
    );
  });

  test("draws shared functions once [test_tools: test_duplicate_coroutine_frames]", () => {
    const waits = [
      { awaits: [2], functions: ["read", "main"] },
      { awaits: [3], functions: ["read", "main"] },
    ];
    assert.deepEqual(tree({ id: 1, waits }, { id: 2 }, { id: 3 }).slice(0, 4), [
      "└── (T) Task-1",
      "    └── main (/app.ts:11:3)",
      "        └── read (/app.ts:10:3)",
      "            ├── Task-2, for 1.5 s",
    ]);
  });

  test("names a cycle, and draws the rest [test_tools: test_cycle_detection]", () => {
    assert.deepEqual(tree({ id: 1, awaits: [2] }, { id: 2, awaits: [1] }, { id: 3, awaits: [1] }), [
      "└── (T) Task-3",
      "    └── Task-1, for 1.5 s",
      "        └── (T) Task-1",
      "            └── Task-2, for 1.5 s",
      "                └── (T) Task-2",
      "                    └── Task-1, for 1.5 s",
      "                        └── (T) Task-1 (a cycle)",
      "",
      "the cycle: Task-1 → Task-2 → Task-1",
    ]);
  });

  test("names several cycles through one task [test_tools: test_multiple_cycles_same_node]", () => {
    const lines = tree({ id: 1, awaits: [2, 3] }, { id: 2, awaits: [1] }, { id: 3, awaits: [1] });
    assert.deepEqual(lines.slice(-2), ["the cycle: Task-1 → Task-2 → Task-1", "the cycle: Task-1 → Task-3 → Task-1"]);
  });

  test("names a task that awaits itself [test_tools: test_task_awaits_self]", () => {
    assert.deepEqual(tree({ id: 1, awaits: [1] }), [
      "└── (T) Task-1",
      "    └── Task-1, for 1.5 s",
      "        └── (T) Task-1 (a cycle)",
      "",
      "the cycle: Task-1 → Task-1",
    ]);
  });

  test("shows a task that is not in the snapshot as unknown [test_tools: test_task_with_missing_awaiter_id]", () => {
    assert.deepEqual(tree({ id: 1, awaits: [99] }), [
      "└── (T) Task-1",
      "    └── Task-99, for 1.5 s",
      "        └── (T) Task-99 (unknown)",
    ]);
  });

  test("may be deeper than the call stack", () => {
    const chain = Array.from({ length: 3_000 }, (_, id) => ({ id, awaits: [id + 1] }));
    assert.equal(tree(...chain).length, 6_001);
  });

  test("of a running program shows who waits for whom", async () => {
    const drawn = await run(
      () =>
        taskGroup(async (group) => {
          group.createTask(
            () =>
              gather([
                async function load() {
                  await sleepForever();
                },
              ]),
            { name: "loader" },
          );
          group.createTask(() => sleepForever(), { name: "heartbeat" });
          await sleep(1);
          const text = formatTaskTree(snapshot());
          group.cancel();
          return text;
        }),
      { signals: [] },
    );
    const lines = drawn.split("\n").map((line) => line.replace(/ #\d+/, "").replace(/, for .*/, ""));
    assert.deepEqual(lines, [
      "└── (T) main (running)",
      "└── (T) loader",
      "    └── gather",
      "        └── (T) load",
      "            └── sleepForever()",
      "└── (T) heartbeat",
      "    └── sleepForever()",
    ]);
  });
});
