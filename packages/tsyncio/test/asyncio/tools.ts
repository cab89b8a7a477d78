import type { CpythonFile } from "./behaviour.ts";

export const tools: CpythonFile = {
  name: "test_tools",
  behaviours: [
    {
      tests: ["test_empty_input_tree", "test_empty_input_table"],
      here: "same",
      behaviour: "Without tasks, the tree is empty and the table has its header only.",
    },
    {
      tests: ["test_only_independent_tasks_tree", "test_only_independent_tasks_table", "test_single_task_tree"],
      here: "same",
      behaviour: "A task that nobody awaits is a root of the tree and a row of the table.",
    },
    {
      tests: ["test_complex_tree", "test_deep_coroutine_chain", "test_duplicate_coroutine_frames"],
      here: "adapted",
      behaviour:
        "A task is drawn under the functions of its awaiter, outermost first; shared functions are drawn once.",
      reason:
        "JavaScript has no frames of suspended functions: the stacks are those taken at creation and at each wait, in debug mode.",
    },
    {
      tests: ["test_cycle_detection", "test_multiple_cycles_same_node", "test_task_awaits_self"],
      here: "adapted",
      behaviour:
        "Cycles, a task that awaits itself included, are named by the tree, which draws the rest, and tolerated by the table.",
      reason: "Python's tree gives up at a cycle; here the rest is drawn.",
    },
    {
      tests: ["test_task_with_missing_awaiter_id"],
      here: "same",
      behaviour: "A task that is not in the picture is shown as unknown.",
    },
    {
      tests: ["test_table_output_format", "test_complex_table"],
      here: "adapted",
      behaviour: "The table has a row for each task, with thread, id, name, state, stack and awaiter.",
      reason: "The functions draw a snapshot of this process; attaching to another process is not part of them.",
    },
  ],
};
